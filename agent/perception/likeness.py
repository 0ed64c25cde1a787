"""How much a message is like the phrasings that stand for an intent or an objection."""

import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from agent.playbook.cache import per_playbook
from agent.playbook.schema import Playbook
from core.embeddings.local import unit_vector, unit_vectors

if TYPE_CHECKING:
    import numpy as np

    from core.embeddings.base import Vectors

NUMBERS = 64
"""Of each vector: on messages and phrasings as short as these 256 tell no more."""
Label = str
"""An intent, or an objection's type."""


class _Phrasings(NamedTuple):
    """Embedded phrasings, those of a label next to each other."""

    labels: list[Label]
    begins: "np.ndarray"
    """Where each label's rows begin."""
    vectors: "Vectors"

    def nearest(self, vector: "Vectors", below: float) -> dict[Label, float]:
        """The greatest cosine of each label; those from ``below`` on are left out."""
        import numpy as np

        # Not `@`: waking BLAS's threads costs more than the product.
        cosines = np.vecdot(self.vectors, vector)
        cosines[cosines >= below] = -1.0
        return dict(zip(self.labels, np.maximum.reduceat(cosines, self.begins).tolist(), strict=True))


def _grouped(labels: Sequence[Label], vectors: "Vectors") -> _Phrasings:
    import numpy as np

    order = sorted(range(len(labels)), key=labels.__getitem__)
    ordered = [labels[row] for row in order]
    present = sorted(set(ordered))
    return _Phrasings(present, np.array([ordered.index(label) for label in present]), vectors[order])


@per_playbook
def _own(playbook: Playbook) -> _Phrasings | None:
    own = [(objection.type, text) for objection in playbook.objections for text in objection.examples]
    if not own:
        return None
    return _grouped([label for label, _ in own], _vectors([text for _, text in own]))


@cache
def _built_in(languages: frozenset[str]) -> _Phrasings:
    """Those of some languages: what is not compared need not be fetched into the processor's cache."""
    phrasings, vectors = _all()
    rows = [row for row, phrasing in enumerate(phrasings) if phrasing.language in languages]
    return _grouped([phrasings[row].label for row in rows], vectors[rows])


@cache
def _all() -> tuple[list["Phrasing"], "Vectors"]:
    phrasings = list(built_in())
    return phrasings, _vectors([phrasing.text for phrasing in phrasings])


def _vectors(texts: Sequence[str]) -> "Vectors":
    return unit_vectors([text.lower() for text in texts], NUMBERS)


class Phrasing(NamedTuple):
    """What somebody may write, and what it stands for."""

    label: Label
    language: str
    text: str


def built_in() -> Iterator[Phrasing]:
    """The phrasings of ``examples.toml``."""
    table = tomllib.loads(Path(__file__).with_name("examples.toml").read_text(encoding="utf-8"))
    for label, by_language in table.items():
        for language, lines in by_language.items():
            yield from (Phrasing(label, language, line) for line in lines.strip().splitlines())


def likeness(
    playbook: Playbook, text: str, languages: frozenset[str], *, below: float = 2.0
) -> dict[Label, float]:
    """The cosine of the nearest phrasing of each label, -1 to 1, in ``languages`` and the playbook's own.

    Phrasings from ``below`` on are left out. The first call of a process loads the weights (0.3 s); each
    playbook's phrasings are embedded once.
    """
    vector = unit_vector(text.lower(), NUMBERS)
    near = _built_in(languages).nearest(vector, below)
    own = _own(playbook)
    if own is not None:
        for label, cosine in own.nearest(vector, below).items():
            near[label] = max(cosine, near.get(label, -1.0))
    return near
