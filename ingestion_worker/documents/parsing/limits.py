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


def confine(limits: Limits) -> None:
    """Bind this process to ``limits``, for good.

    The kernel ends it with SIGALRM or SIGXCPU when its time is over, even inside a C library, and fails
    allocations beyond its memory. It cannot write files.
    """
    for kind, value in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_AS, limits.memory),
    ):
        resource.setrlimit(kind, (value, value))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(limits.seconds)
