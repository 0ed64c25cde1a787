"""The one interface to embedding models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

    Vectors = NDArray[float32]


class Embedder(Protocol):
    """An embedding model. Vectors of two models are never compared with each other.

    Both calls raise `core.errors.TransientOutsideError` when another try may help (theirs are used up by
    then) and `core.errors.TerminalOutsideError` when it will not.
    """

    @property
    def name(self) -> str:
        """The model's own name, such as ``text-embedding-3-small``: it is kept beside each vector."""

    @property
    def batch_size(self) -> int:
        """How many texts of a chunk's size `embed` takes at once."""

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """A row of unit length for each text, in their order."""

    async def embed_query(self, text: str) -> Vectors:
        """One vector of unit length, for looking up; for short texts, and in a hurry."""
