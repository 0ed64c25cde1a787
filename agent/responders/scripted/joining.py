"""Pieces of a reply put together."""

from collections.abc import Sequence

from agent.responders.scripted.scene import Scene

_LONG = 200
"""Characters from which a part is a paragraph of its own."""


def in_words(scene: Scene, joint: str, items: Sequence[str]) -> str:
    """``a, b and c``, with the phrase ``joint`` for the last one."""
    if len(items) < 2:
        return "".join(items)
    return scene.pick(joint, first=", ".join(items[:-1]), last=items[-1])


def joined(first: str, then: str) -> str:
    """Two parts of one reply; either may be empty."""
    if not first or not then:
        return first or then
    return f"{first}\n\n{then}" if max(len(first), len(then)) >= _LONG else f"{first} {then}"
