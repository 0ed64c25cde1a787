"""What is worked out once for a playbook and used in every turn."""

from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from agent.playbook.schema import Playbook

T = TypeVar("T")

KEPT = 128
"""Playbooks whose results are kept; the one unused for longest goes first."""


def per_playbook(build: Callable[[Playbook], T]) -> Callable[[Playbook], T]:
    """Keep the result of ``build`` by the playbook's identity: hashing a whole playbook costs too much."""
    kept: OrderedDict[int, tuple[Playbook, T]] = OrderedDict()

    @wraps(build)
    def of(playbook: Playbook) -> T:
        found = kept.get(id(playbook))
        if found is None:
            found = kept[id(playbook)] = (playbook, build(playbook))
            if len(kept) > KEPT:
                kept.popitem(last=False)
        else:
            kept.move_to_end(id(playbook))
        return found[1]

    return of
