"""The parser process: loads the heavy libraries once, then forks for each file.

It is asked over a socket, one byte and two descriptors at a time: the file, and the pipe for its events
(JSON lines). Each file gets a child under `limits.confine`, and a supervisor that tells how the child
ended if it could not say so itself, or has another child try in another way. When the worker is gone, the
socket ends, and so does this.
"""

import gc
import os
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

import orjson

from ingestion_worker.documents.parsing.limits import Limits, confine
from ingestion_worker.documents.parsing.unreadable import Scanned, Unreadable

_OUT_OF_MEMORY = 3
_BROKE = 4
_SCANNED = 5
_TIME_SIGNALS = {signal.SIGALRM, signal.SIGXCPU}

Read = Callable[[BinaryIO, Limits, Callable[[dict[str, Any]], None]], None]


@dataclass(frozen=True, slots=True)
class Way:
    """How a file is read, and what that may use."""

    read: Read
    limits: Limits


def serve(control: socket.socket, way: Way, for_scans: Way | None = None) -> None:
    """Fork a reader for each request until the socket ends; one more where the first found a scan."""
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        request, descriptors, _, _ = socket.recv_fds(control, 1, 2)
        if not request:
            return
        if os.fork() == 0:
            control.close()
            _supervise(descriptors[0], descriptors[1], way, for_scans)
        for descriptor in descriptors:
            os.close(descriptor)


def _supervise(file: int, events: int, way: Way, for_scans: Way | None) -> NoReturn:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = _tried(file, events, way)
    if for_scans and os.waitstatus_to_exitcode(status) == _SCANNED:
        way = for_scans
        status = _tried(file, events, way)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if status:
        # A line that the child began may stand unfinished: this one must begin on its own.
        os.write(events, b"\n" + orjson.dumps(_verdict(status, way.limits)) + b"\n")
    os._exit(0)


def _tried(file: int, events: int, way: Way) -> int:
    child = os.fork()
    if child == 0:
        _read_confined(file, events, way)
    return os.waitpid(child, 0)[1]


def _verdict(status: int, limits: Limits) -> dict[str, Any]:
    code = os.waitstatus_to_exitcode(status)
    if code == _OUT_OF_MEMORY:
        return _failed(
            "memory", f"Reading the file took more than {limits.memory >> 20} MB of memory. Split it."
        )
    if -code in _TIME_SIGNALS:
        return _failed("time", f"Reading the file took longer than {limits.seconds} seconds. Split it.")
    if code == _SCANNED:
        return _failed(
            "no_text",
            "The PDF has no text, only pictures of it (a scan?). Upload one whose text can be selected.",
        )
    return {"type": "crashed", "exit": code}


def _read_confined(file: int, events: int, way: Way) -> NoReturn:
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    code = _BROKE
    try:
        confine(way.limits)
        with os.fdopen(file, "rb") as stream, os.fdopen(events, "wb") as out:
            stream.seek(0)
            _tell(way, stream, out)
        code = 0
    except MemoryError:
        code = _OUT_OF_MEMORY
    except Scanned:
        code = _SCANNED
    finally:
        os._exit(code)


def _tell(way: Way, stream: BinaryIO, out: BinaryIO) -> None:
    def tell(event: dict[str, Any]) -> None:
        out.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
        if event["type"] == "pages":
            out.flush()

    try:
        way.read(stream, way.limits, tell)
    except Unreadable as fault:
        tell(_failed(fault.code, fault.reason))
    except (MemoryError, Scanned):
        raise
    except Exception as fault:  # the edge of this process: a library fell over the file
        reason = "The file is damaged, or not what it says it is. Save it again and upload it anew."
        tell(_failed("damaged", reason) | {"fault": type(fault).__name__})


def _failed(code: str, reason: str) -> dict[str, Any]:
    return {"type": "failed", "code": code, "reason": reason}
