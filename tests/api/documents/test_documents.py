"""`/api/documents`."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.database import Claims, Database
from tests.api.conftest import Api, NewOrganization, ServeApi, unlimited
from tests.api.documents.conftest import PRICES, Process, form, read, upload, uploaded
from tests.api.organization import Organization
from tests.ingestion_worker.documents import hostile

FIELD_WITHOUT_FILE = b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno file\r\n--x--'


def files_of(api: Api, organization: Organization) -> list[Path]:
    folder = api.parts.settings.data_dir / "documents" / organization.id
    return sorted(folder.iterdir()) if folder.is_dir() else []


class TestUpload:
    async def test_takes_a_document_in(self, http: aiohttp.ClientSession, organization: Organization) -> None:
        status, body = await upload(http, organization, category="Pitch", tags=["2026", "coach, team"])
        assert status == 201
        assert body["success"] is True
        document = body["document"]
        assert document["id"].startswith("doc_")
        assert (document["filename"], document["file_size"]) == ("prices.md", len(PRICES))
        assert document["processing_status"] == "pending"
        assert document["storage_url"].endswith(f"/api/documents/{document['id']}/file")
        details = await read(http, organization, document["id"])
        assert (details["category"], details["tags"]) == ("pitch", ["2026", "coach", "team"])
        assert details["progress"] == {"pages_done": 0, "pages": None, "chunks_done": 0, "chunks": None}

    async def test_writes_row_and_job_together(
        self, http: aiohttp.ClientSession, organization: Organization, database: Database, conninfo: str
    ) -> None:
        document_id = await uploaded(http, organization)
        [row] = await database.fetch(Claims.for_organization(organization.id), "select job_id from documents")
        assert await jobs_of(conninfo, document_id) == [(row["job_id"], "documents.ingest", "todo")]

    async def test_the_same_content_is_one_document(
        self, api: Api, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        first = await uploaded(http, organization)
        status, body = await upload(http, organization, filename="again.md")
        assert (status, body["document"]["id"], body["document"]["filename"]) == (200, first, "prices.md")
        assert len(files_of(api, organization)) == 1

    async def test_the_same_content_at_once_is_one_document(
        self, api: Api, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        answers = await asyncio.gather(*(upload(http, organization) for _ in range(5)))
        assert sorted(status for status, _ in answers) == [200, 200, 200, 200, 201]
        assert len({body["document"]["id"] for _, body in answers}) == 1
        assert len(files_of(api, organization)) == 1

    async def test_one_that_failed_is_tried_again_with_the_file_that_came(
        self, api: Api, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        first = await uploaded(http, organization)
        for file in files_of(api, organization):
            file.unlink()
        await process(organization, first)
        assert (await read(http, organization, first))["failure"]["code"] == "file_missing"
        status, body = await upload(http, organization)
        assert (status, body["document"]["id"]) == (200, first)
        assert body["document"]["processing_status"] == "pending"
        await process(organization, first)
        assert (await read(http, organization, first))["processing_status"] == "completed"

    async def test_another_organization_has_its_own(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        one, other = await new_organization(), await new_organization()
        assert await uploaded(http, one) != await uploaded(http, other)

    @pytest.mark.parametrize(
        ("content", "filename", "word"),
        [
            (b"", "prices.md", "empty"),
            (b"\x89PNG\r\n\x1a\n" + bytes(20), "prices.pdf", "PDF, DOCX"),
            (b"just text", "prices.pdf", "named like"),
            (hostile.fine_pdf(), "prices.docx", "named like"),
            (PRICES, "../../etc/prices.md", "bare name"),
            (PRICES, "..\\prices.md", "bare name"),
            (PRICES, "..", "bare name"),
            (PRICES, "x" * 201, "bare name"),
        ],
    )
    async def test_refuses_a_bad_file(
        self,
        api: Api,
        http: aiohttp.ClientSession,
        organization: Organization,
        content: bytes,
        filename: str,
        word: str,
    ) -> None:
        status, body = await upload(http, organization, content, filename)
        assert (status, body["error"]["code"]) == (400, "INVALID_INPUT")
        assert word in body["error"]["message"]
        assert files_of(api, organization) == []

    @pytest.mark.parametrize("fields", [{"category": "x" * 61}, {"tags": [str(n) for n in range(21)]}])
    async def test_refuses_bad_labels(
        self, http: aiohttp.ClientSession, organization: Organization, fields: dict[str, Any]
    ) -> None:
        status, body = await upload(http, organization, **fields)
        assert (status, body["error"]["code"]) == (400, "INVALID_INPUT")

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"{}", "application/json"),
            (b"", "multipart/form-data"),
            (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
            (
                b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno file\r\n--x--',
                "multipart/form-data; boundary=x",
            ),
        ],
    )
    async def test_refuses_what_is_no_form(
        self, http: aiohttp.ClientSession, organization: Organization, body: bytes, content_type: str
    ) -> None:
        headers = organization.bearer | {"Content-Type": content_type}
        async with http.post("/api/documents/upload", data=body, headers=headers) as answer:
            assert answer.status == 400
            assert (await answer.json())["error"]["code"] == "INVALID_INPUT"

    async def test_needs_an_owner(self, http: aiohttp.ClientSession) -> None:
        async with http.post("/api/documents/upload", data=form()) as answer:
            assert answer.status == 401

    async def test_needs_the_right_to_write(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        status, body = await upload(http, await new_organization("viewer"))
        assert (status, body["error"]["code"]) == (403, "INSUFFICIENT_PERMISSIONS")

    async def test_a_file_that_is_announced_as_too_large_is_refused_unread(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        status, body = await upload(http, organization, b"x" * (26 << 20), "large.txt")
        assert (status, body["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")

    async def test_a_file_that_turns_out_too_large_is_refused_before_its_end(
        self, api: Api, organization: Organization
    ) -> None:
        """Without a length in its head, and without an end."""
        sent = 0

        async def endless() -> Any:
            nonlocal sent
            yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.txt"\r\n\r\n'
            while True:
                yield b"x" * (1 << 20)
                sent += 1

        headers = organization.bearer | {"Content-Type": "multipart/form-data; boundary=x"}
        async with aiohttp.ClientSession(api.url) as session:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.post("/api/documents/upload", data=endless(), headers=headers) as answer:
                    assert answer.status == 413
        assert 24 < sent < 60
        assert files_of(api, organization) == []

    async def test_the_limit_of_uploads_holds(
        self, api: Api, serve_api: ServeApi, organization: Organization
    ) -> None:
        settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
            update={"rate_limit_documents_upload": "2/hour"}
        )
        async with serve_api(settings) as served, aiohttp.ClientSession(served.url) as session:
            answers = [await upload(session, organization, PRICES + str(n).encode()) for n in range(3)]
        assert [status for status, _ in answers] == [201, 201, 429]


class TestList:
    async def test_lists_newest_first(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        first = await uploaded(http, organization, category="pitch")
        second = await uploaded(http, organization, PRICES + b"more", "more.md")
        await process(organization, first)
        body = await listed(http, organization)
        assert [document["id"] for document in body["documents"]] == [second, first]
        assert (body["total"], body["has_more"]) == (2, False)
        pending, completed = body["documents"]
        assert (pending["processing_status"], pending["embeddings_created"]) == ("pending", False)
        assert (completed["processing_status"], completed["embeddings_created"]) == ("completed", True)
        assert (completed["category"], completed["total_chunks"]) == ("pitch", 1)

    async def test_filters_and_pages(self, http: aiohttp.ClientSession, organization: Organization) -> None:
        ids = [await uploaded(http, organization, PRICES + bytes([65 + n]), f"{n}.md") for n in range(3)]
        page = await listed(http, organization, limit=2, offset=1)
        assert [document["id"] for document in page["documents"]] == [ids[1], ids[0]]
        assert (page["total"], page["has_more"]) == (3, False)
        assert (await listed(http, organization, status="completed"))["total"] == 0
        assert (await listed(http, organization, category="pitch"))["total"] == 0

    async def test_shows_nothing_of_others(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        await uploaded(http, await new_organization())
        assert (await listed(http, await new_organization()))["documents"] == []


class TestOne:
    async def test_says_why_it_failed(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        document_id = await uploaded(http, organization, hostile.encrypted_pdf(), "prices.pdf")
        await process(organization, document_id)
        details = await read(http, organization, document_id)
        assert details["processing_status"] == "failed"
        assert details["failure"]["code"] == "encrypted"
        assert "password" in details["failure"]["reason"]

    async def test_a_failed_one_can_be_tried_again(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process, conninfo: str
    ) -> None:
        document_id = await uploaded(http, organization, hostile.encrypted_pdf(), "prices.pdf")
        await process(organization, document_id)
        async with http.post(f"/api/documents/{document_id}/retry", headers=organization.bearer) as answer:
            assert answer.status == 202
            body = await answer.json()
        assert (body["processing_status"], body["failure"]) == ("pending", None)
        assert len(await jobs_of(conninfo, document_id)) == 2

    async def test_one_that_is_well_cannot(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        document_id = await uploaded(http, organization)
        await process(organization, document_id)
        async with http.post(f"/api/documents/{document_id}/retry", headers=organization.bearer) as answer:
            assert answer.status == 409

    async def test_the_original_comes_back(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        document_id = await uploaded(http, organization, PRICES, 'preços "2026".md')
        async with http.get(f"/api/documents/{document_id}/file", headers=organization.bearer) as answer:
            assert answer.status == 200
            assert await answer.read() == PRICES
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.content_disposition is not None
            assert answer.content_disposition.type == "attachment"
            assert answer.content_disposition.filename == 'preços "2026".md'

    async def test_a_lost_original_is_said(
        self, api: Api, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        document_id = await uploaded(http, organization)
        for file in files_of(api, organization):
            file.unlink()
        async with http.get(f"/api/documents/{document_id}/file", headers=organization.bearer) as answer:
            assert answer.status == 404

    async def test_a_deleted_one_is_gone_for_good(
        self,
        api: Api,
        http: aiohttp.ClientSession,
        organization: Organization,
        process: Process,
        database: Database,
        conninfo: str,
    ) -> None:
        processed = await uploaded(http, organization)
        await process(organization, processed)
        waiting = await uploaded(http, organization, PRICES + b"more", "more.md")
        for document_id in (processed, waiting):
            async with http.delete(f"/api/documents/{document_id}", headers=organization.bearer) as answer:
                assert answer.status == 200
                assert await answer.json() == {"success": True, "message": "Document and embeddings deleted"}
            async with http.get(f"/api/documents/{document_id}", headers=organization.bearer) as answer:
                assert answer.status == 404
            assert await jobs_of(conninfo, document_id) == []
        assert files_of(api, organization) == []
        claims = Claims.for_organization(organization.id)
        assert await database.fetch(claims, "select from chunks") == []
        assert await database.fetch(claims, "select from chunk_embeddings") == []

    @pytest.mark.parametrize(
        ("method", "suffix"), [("GET", ""), ("GET", "/file"), ("POST", "/retry"), ("DELETE", "")]
    )
    async def test_anothers_is_as_if_it_were_not(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization, method: str, suffix: str
    ) -> None:
        mine, theirs = await new_organization(), await new_organization()
        document_id = await uploaded(http, theirs)
        answers = []
        for wanted in (document_id, "doc_nothing"):
            path = f"/api/documents/{wanted}{suffix}"
            async with http.request(method, path, headers=mine.bearer) as answer:
                body = await answer.json()
                answers.append((answer.status, body["error"]["message"].replace(wanted, "…")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404
        assert (await read(http, theirs, document_id))["processing_status"] == "pending"


async def listed(http: aiohttp.ClientSession, organization: Organization, **query: Any) -> dict[str, Any]:
    async with http.get("/api/documents", params=query, headers=organization.bearer) as answer:
        assert answer.status == 200
        body: dict[str, Any] = await answer.json()
    return body


async def jobs_of(conninfo: str, document_id: str) -> list[tuple[int, str, str]]:
    import psycopg

    async with await psycopg.AsyncConnection.connect(conninfo) as connection:
        found = await connection.execute(
            "select id, task_name, status::text from jobs.procrastinate_jobs"
            " where args ->> 'document_id' = %s order by id",
            (document_id,),
        )
        return await found.fetchall()
