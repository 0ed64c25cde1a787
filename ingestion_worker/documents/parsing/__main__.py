"""``python -m ingestion_worker.documents.parsing DESCRIPTOR``: started by the worker, never by hand."""

import io
import os
import socket
import sys
from contextlib import suppress

from ingestion_worker.documents.parsing.elements import go_offline
from ingestion_worker.documents.parsing.limits import RECOGNITION, Limits
from ingestion_worker.documents.parsing.reading import read, read_scan
from ingestion_worker.documents.parsing.scans import can_recognize
from ingestion_worker.documents.parsing.server import Way, serve
from ingestion_worker.documents.parsing.unreadable import Unreadable

_SAMPLES = (
    b"Title\n\nSome text, long enough for its language to be told.",
    b"# Title\n\n| a | b |\n|---|---|\n| 1 | 2 |",
)


_POLITE = 5
"""Whoever waits for a reply goes first where processors are few."""


def main() -> None:
    """Load all that reading needs before the first fork, so that each child has it at once."""
    os.nice(_POLITE)
    go_offline()
    for sample in _SAMPLES:
        with suppress(Unreadable):
            read(io.BytesIO(sample), Limits(), lambda _: None)
    for_scans = Way(read_scan, RECOGNITION) if can_recognize() else None
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, Way(read, Limits()), for_scans)


main()
