"""What a parser may use before it is stopped."""

import resource
import signal
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """For one file. Seconds, bytes and counts."""

    seconds: int = 30
    memory: int = 512 * 1024 * 1024
    """Address space, what the interpreter itself takes included (about 340 MB of it, mostly shared)."""
    unpacked: int = 128 * 1024 * 1024
    """All parts of an archive together."""
    unpacked_xml: int = 24 * 1024 * 1024
    """One part of an archive that must be read as a tree."""
    paragraphs: int = 15_000
    pages: int = 2_000
    characters: int = 3_000_000
    """Of text found: a very long book."""
    written: int = 0
    """Largest file that may be written."""
    descriptors: int = 32


RECOGNITION = Limits(seconds=600, memory=8 << 30, written=256 << 20, descriptors=256)
"""For optical recognition: seconds a page, libraries of gigabytes, and pictures handed over as files."""


def confine(limits: Limits) -> None:
    """Bind this process to ``limits``, for good.

    The kernel ends it with SIGALRM or SIGXCPU when its time is over, even inside a C library, and fails
    allocations beyond its memory. It can write no file, but where the limits say so.
    """
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, limits.descriptors),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_AS, limits.memory),
    ):
        resource.setrlimit(kind, (value, value))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.seconds)
