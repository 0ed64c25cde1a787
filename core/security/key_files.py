"""Files with keys in them: readable by their owner alone, written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def write_once(path: Path, text: str) -> None:
    """Write ``path`` unless it exists; of two processes at once, one wins."""
    with _draft(path, text) as draft:
        try:
            os.link(draft, path)
        except FileExistsError:
            return


def replace(path: Path, text: str) -> None:
    """Write ``path`` in place of what it was."""
    with _draft(path, text) as draft:
        os.replace(draft, path)


@contextmanager
def _draft(path: Path, text: str) -> Iterator[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made with mode 0600
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        Path(draft).unlink(missing_ok=True)
