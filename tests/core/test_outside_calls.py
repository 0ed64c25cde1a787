"""Whatever calls another system says how long it waits."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("core", "agent", "api", "ingestion_worker", "cli")
CLIENTS = {
    "ClientSession": "timeout",
    "AsyncClient": "timeout",
    "AIOHTTPClient": "timeout",
    "SMTP": "timeout",
    "SMTP_SSL": "timeout",
    "from_url": "socket_timeout",
    "init_chat_model": "timeout",
    "urlopen": "timeout",
}
"""What opens a way out, and the argument that bounds it."""
OTHERS = ("requests", "urllib3", "ftplib", "telnetlib", "pycurl")
"""Clients that nobody here has a use for."""


def calls(source: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call that opens a way out."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in CLIENTS:
                yield name, node


def unbounded(source: str) -> list[str]:
    """Those that may wait forever."""
    return [
        f"{name} in line {call.lineno}"
        for name, call in calls(source)
        if CLIENTS[name] not in {keyword.arg for keyword in call.keywords}
        and not any(keyword.arg is None for keyword in call.keywords)
    ]


def test_every_client_has_a_timeout() -> None:
    found = {
        str(file.relative_to(ROOT)): (file.read_text(), len(list(calls(file.read_text()))))
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
    }
    wrong = {name: waits for name, (source, _) in found.items() if (waits := unbounded(source))}
    assert wrong == {}
    assert sum(number for _, number in found.values()) >= 8


def test_no_other_client_is_used() -> None:
    imported = {
        alias.name.partition(".")[0]
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert imported.isdisjoint(OTHERS)


def test_one_without_is_noticed() -> None:
    assert unbounded("aiohttp.ClientSession(url)") == ["ClientSession in line 1"]
    assert unbounded("aiohttp.ClientSession(url, timeout=t)") == []
