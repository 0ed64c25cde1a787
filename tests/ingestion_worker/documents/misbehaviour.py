"""A parser process whose readers misbehave: ``python -m`` this, with a descriptor, as the worker does."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any, BinaryIO

from ingestion_worker.documents.parsing.limits import Limits
from ingestion_worker.documents.parsing.server import Way, serve

LIMITS = Limits(seconds=1, memory=1 << 30)
Tell = Callable[[dict[str, Any]], None]


def read(file: BinaryIO, limits: Limits, tell: Tell) -> None:
    """Do what the file says."""
    DEEDS[file.read().decode()](tell)


def sleep_forever(tell: Tell) -> None:
    signal.pause()


def spin_forever(tell: Tell) -> None:
    while True:
        tell({"type": "chunk", "text": "again"})


def take_all_memory(tell: Tell) -> None:
    bytearray(2 << 30)


def write_a_file(tell: Tell) -> None:
    # Where no folder takes a byte, there is none for temporary files.
    with tempfile.TemporaryFile(buffering=0) as file:
        file.write(b"x")


def open_too_many(tell: Tell) -> None:
    for _ in range(100):
        os.dup(0)


def die(tell: Tell) -> None:
    tell({"type": "chunk", "text": "half of"})
    os.kill(os.getpid(), signal.SIGSEGV)


def be_fine(tell: Tell) -> None:
    tell({"type": "done"})


DEEDS: dict[str, Callable[[Tell], None]] = {
    deed.__name__: deed
    for deed in (sleep_forever, spin_forever, take_all_memory, write_a_file, open_too_many, die, be_fine)
}


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as control:
        serve(control, Way(read, LIMITS))
