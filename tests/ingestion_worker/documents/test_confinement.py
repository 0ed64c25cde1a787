"""What a reader may not do, whatever the file makes it try: the server runs here with readers of our own."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest


@pytest.fixture(scope="module")
def server() -> Iterator[socket.socket]:
    ours, theirs = socket.socketpair()
    module = "tests.ingestion_worker.documents.misbehaviour"
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(theirs.fileno())], pass_fds=[theirs.fileno()]
        )
    with ours:
        yield ours
    assert process.wait(10) == 0


def ask(server: socket.socket, deed: str, tmp_path: Path) -> int:
    """Have it done; the answer is the descriptor to read its events from."""
    (tmp_path / deed).write_text(deed)
    ours, theirs = os.pipe()
    with (tmp_path / deed).open() as file:
        socket.send_fds(server, [b"r"], [file.fileno(), theirs])
    os.close(theirs)
    return ours


def last_event(descriptor: int) -> dict[str, Any]:
    with os.fdopen(descriptor, "rb") as events:
        event: dict[str, Any] = orjson.loads(events.readlines()[-1])
    return event


@pytest.mark.parametrize(
    ("deed", "verdict"),
    [
        ("sleep_forever", {"type": "failed", "code": "time"}),
        ("spin_forever", {"type": "failed", "code": "time"}),
        ("take_all_memory", {"type": "failed", "code": "memory"}),
        ("write_a_file", {"type": "failed", "fault": "FileNotFoundError"}),
        ("open_too_many", {"type": "failed", "fault": "OSError"}),
        ("die", {"type": "crashed", "exit": -signal.SIGSEGV}),
        ("be_fine", {"type": "done"}),
    ],
)
def test_is_held(deed: str, verdict: dict[str, Any], server: socket.socket, tmp_path: Path) -> None:
    assert verdict.items() <= last_event(ask(server, deed, tmp_path)).items()


def test_a_reader_nobody_listens_to_ends(server: socket.socket, tmp_path: Path) -> None:
    """Its neighbour, asked for after it, shows that the server itself is well."""
    os.close(ask(server, "spin_forever", tmp_path))
    assert last_event(ask(server, "be_fine", tmp_path)) == {"type": "done"}
