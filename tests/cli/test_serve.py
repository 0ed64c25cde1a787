"""`limitless` as a newcomer runs it: real processes, an embedded database of their own."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from api.organizations.demo import ensure_demo
from core.database import Database

LIMITLESS = [sys.executable, "-c", "from cli.main import app; app()"]


class Installation:
    """A DATA_DIR and a port, and the commands run on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "PYTHONPATH")}
        self.environment = {
            **kept,
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "COLUMNS": "200",
            "LOG_FORMAT": "json",
        }
        self.running: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> tuple[subprocess.Popen[str], str]:
        """Serve, and wait until the health route answers; returns what was printed until then."""
        log = self.folder / f"log-{len(self.running)}"
        with log.open("w") as out:
            process = subprocess.Popen(
                [*LIMITLESS, "serve", *arguments],
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        self.running.append(process)
        deadline = time.monotonic() + 60
        while True:
            try:
                self.get("/api/v1/health")
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    pytest.fail(f"it did not start:\n{log.read_text()}")
                time.sleep(0.05)
        while "Ctrl-C" not in log.read_text():
            time.sleep(0.02)
        return process, log.read_text()

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
            return bytes(answer.read())

    def run(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*LIMITLESS, *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    made = Installation(tmp_path)
    yield made
    for process in made.running:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(20)


def _stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> float:
    began = time.monotonic()
    process.send_signal(how)
    process.wait(20)
    return time.monotonic() - began


def _postgres_of(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().decode(errors="replace")
        except OSError:
            continue
        if str(folder / "data" / "postgres") in command and "postgres" in command.split("\0")[0]:
            found.append(command)
    return found


def test_the_first_start_and_the_second(installation: Installation) -> None:
    process, printed = installation.start()
    assert f"http://localhost:{installation.port}/chat/DEMO" in printed
    assert "█" in printed
    login = re.search(r"(owner@\S+)\s+(\S{12,})", printed)
    assert login is not None
    for part in ("model", "embeddings", "storage", "payments", "database"):
        assert re.search(rf"^{part}\s+\S.*\([A-Z_, ]+\)", printed, re.MULTILINE), part
    body = json.dumps({"email": login[1], "password": login[2]}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.port}/api/v1/auth/login",
        body,
        {"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        token = json.load(answer)["access_token"]

    refused = installation.run("serve")
    assert refused.returncode == 1
    assert len(refused.stderr.strip().splitlines()) == 1

    talked = installation.run("chat", "DEMO", stdin="Yes, I'm a fitness coach\nStrength coaching\n\n")
    assert talked.returncode == 0, talked.stderr
    assert talked.stdout.count("agent") >= 2
    assert _stop(process, signal.SIGTERM) < 10
    assert _postgres_of(installation.folder) == []

    process, printed = installation.start("--workers", "2")
    assert login[2] not in printed
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.port}/api/conversations",
        headers={"authorization": f"Bearer {token}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert json.load(answer)["total"] == 1
    _both_processes_tell_the_sum(installation)
    assert _stop(process) < 10
    assert _postgres_of(installation.folder) == []


def _both_processes_tell_the_sum(installation: Installation) -> None:
    assert installation.run("chat", "DEMO", "--new", stdin="Yes\n\n").returncode == 0
    deadline = time.monotonic() + 20
    # Each process holds two connections at least, and whoever answers knows of both.
    while (idle := _metric(installation, 'limitless_pool_connections{state="idle"}')) < 4:
        assert time.monotonic() < deadline, idle
    seen = {_metric(installation, 'limitless_turns_total{outcome="done"}') for _ in range(10)}
    assert seen == {1.0}
    assert _metric(installation, "limitless_turns_running") == 0
    assert _metric(installation, 'limitless_jobs{status="failed"}') == 0


def _metric(installation: Installation, name: str) -> float:
    lines = installation.get("/metrics").decode().splitlines()
    return float(next(line for line in lines if line.startswith(name)).rpartition(" ")[2])


def test_demo_and_doctor(installation: Installation) -> None:
    filled = installation.run("demo", "--conversations", "3")
    assert filled.returncode == 0, filled.stderr
    assert "3 conversations" in filled.stdout
    examined = installation.run("doctor")
    assert examined.returncode == 0, examined.stdout
    for part in ("secret key", "data", "database", "model"):
        assert part in examined.stdout
    assert "scripted" in examined.stdout


def test_doctor_says_what_to_do(installation: Installation) -> None:
    installation.environment["DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/nothing"
    installation.environment["SECRET_KEY"] = "short"
    examined = installation.run("doctor")
    assert examined.returncode == 1
    assert "DATABASE_URL does not answer" in examined.stdout
    assert "SECRET_KEY must be" in examined.stdout


def test_openapi_prints_the_document(installation: Installation) -> None:
    printed = installation.run("openapi")
    document = json.loads(printed.stdout)
    assert "/api/chat/stream" in document["paths"]
    operations = [
        operation["operationId"] for item in document["paths"].values() for operation in item.values()
    ]
    assert len(operations) == len(set(operations))


def test_a_weak_key_is_refused_in_a_sentence(installation: Installation) -> None:
    installation.environment["SECRET_KEY"] = "short"
    refused = installation.run("serve")
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert "SECRET_KEY" in refused.stderr


async def test_who_starts_at_the_same_time_makes_one_demo(fresh_database: Callable[..., str]) -> None:
    database = Database(fresh_database(migrated=True), size=4)
    await database.open()
    made = await asyncio.gather(*(ensure_demo(database, None, None) for _ in range(3)))
    await database.close()
    assert len([access for access in made if access is not None]) == 1
