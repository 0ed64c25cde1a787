"""How much a message is like the phrasings that stand for an intent or an objection."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.playbook.cache import per_playbook
from agent.playbook.schema import Playbook
from core.embeddings.local import unit_vector, unit_vectors

if TYPE_CHECKING:
    import numpy as np

    from core.embeddings.base import Vectors

Label = str
"""An intent, or an objection's type."""


class _Phrasings(NamedTuple):
    """Embedded phrasings, those of a label next to each other."""

    labels: list[Label]
    begins: "np.ndarray"
    """Where each label's rows begin."""
    vectors: "Vectors"


@per_playbook
def _phrasings(playbook: Playbook) -> _Phrasings:
    import numpy as np

    own = [(objection.type, text) for objection in playbook.objections for text in objection.examples]
    names, vectors = _built_in()
    names = [*names, *(label for label, _ in own)]
    if own:
        vectors = np.concatenate([vectors, unit_vectors([text.lower() for _, text in own])])
    order = sorted(range(len(names)), key=names.__getitem__)
    ordered = [names[row] for row in order]
    labels = sorted(set(ordered))
    return _Phrasings(labels, np.array([ordered.index(label) for label in labels]), vectors[order])


@cache
def _built_in() -> tuple[list[Label], "Vectors"]:
    labelled = list(built_in())
    return [label for label, _ in labelled], unit_vectors([text.lower() for _, text in labelled])


def built_in() -> Iterator[tuple[Label, str]]:
    """The phrasings of ``examples.toml``, each with its label."""
    table = tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))
    for label, by_language in table.items():
        for lines in by_language.values():
            yield from ((label, line) for line in lines.strip().splitlines())


def likeness(playbook: Playbook, text: str, *, below: float = 2.0) -> dict[Label, float]:
    """The cosine of the nearest phrasing of each label, -1 to 1; phrasings from ``below`` on are left out.

    The first call of a process loads the weights (0.3 s); each playbook's phrasings are embedded once.
    """
    import numpy as np

    phrasings = _phrasings(playbook)
    # Not `@`: waking BLAS's threads costs more than the product.
    cosines = np.vecdot(phrasings.vectors, unit_vector(text.lower()))
    cosines[cosines >= below] = -1.0
    return dict(zip(phrasings.labels, np.maximum.reduceat(cosines, phrasings.begins).tolist(), strict=True))
