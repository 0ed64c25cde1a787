"""A folder becomes knowledge, on a real installation, and the agent answers from it."""

import json
import shutil
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from cli.ingest import found_in, names_in, share_done
from tests.cli.test_serve import Installation, installation
from tests.ingestion_worker.documents import hostile
from tests.knowledge.build import DOCUMENTS

__all__ = ["installation"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "papers"
    (folder / "more").mkdir(parents=True)
    shutil.copy(DOCUMENTS / "price_list.pdf", folder)
    shutil.copy(DOCUMENTS / "faq.txt", folder / "more")
    (folder / "locked.pdf").write_bytes(hostile.encrypted_pdf())
    (folder / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / ".hidden.txt").write_text("secret")
    return folder


def test_finds_what_can_be_read(folder: Path) -> None:
    assert [path.name for path in found_in(folder)] == ["locked.pdf", "faq.txt", "price_list.pdf"]
    assert found_in(folder / "locked.pdf") == [folder / "locked.pdf"]


def test_files_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a/faq.txt", "b/c/faq.txt", "faq.txt", "prices.md")]
    assert list(names_in(tmp_path, files).values()) == [
        "a - faq.txt",
        "b - c - faq.txt",
        "faq.txt",
        "prices.md",
    ]


@pytest.mark.parametrize(
    ("status", "progress", "share"),
    [
        ("pending", (0, None, 0, None), 0),
        ("processing", (5, 10, 0, None), 25),
        ("processing", (10, 10, 30, 60), 75),
        ("completed", (10, 10, 60, 60), 100),
        ("failed", (0, None, 0, None), 100),
    ],
)
def test_tells_how_far_a_document_is(
    status: str, progress: tuple[int, int | None, int, int | None], share: float
) -> None:
    names = ("pages_done", "pages", "chunks_done", "chunks")
    document = {"processing_status": status, "progress": dict(zip(names, progress, strict=True))}
    assert share_done(document) == share


def test_a_folder_becomes_knowledge(folder: Path, installation: Installation) -> None:
    owner = {"OWNER_EMAIL": "owner@example.com", "OWNER_PASSWORD": "a-long-enough-password"}
    installation.environment |= owner
    installation.start()
    done = installation.run("ingest", str(folder), "--category", "Prices")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "2 of 3 documents are ready" in done.stdout
    assert "locked.pdf: The PDF is protected by a password" in done.stdout
    reply = asked(installation, "Is there a mobile app for your lessons?")
    assert "browser of a phone" in reply["message"]
    assert [source["title"] for source in reply["metadata"]["sources"]] == ["faq.txt"]

    installation.environment["OWNER_PASSWORD"] = "wrong"
    refused = installation.run("ingest", str(folder))
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_no_server_is_said(folder: Path, tmp_path: Path) -> None:
    done = Installation(tmp_path).run("ingest", str(folder), "--api-key", "key")
    assert done.returncode == 1
    assert "does not answer" in done.stdout
    assert "Traceback" not in done.stderr


def asked(installation: Installation, message: str) -> dict[str, Any]:
    request = urllib.request.Request(
        f"http://127.0.0.1:{installation.port}/api/chat",
        data=json.dumps({"campaign_code": "DEMO", "message": message}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        reply: dict[str, Any] = json.load(answer)
    return reply
