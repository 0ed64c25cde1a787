"""Leads, what they ask for, and where a text of theirs stands."""

import io
import zipfile
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import psycopg


async def archive_of(http: aiohttp.ClientSession, request: dict[str, Any]) -> dict[str, bytes]:
    """The files of a request's archive."""
    async with http.get(urlsplit(request["download_url"]).path) as answer:
        assert answer.status == 200
        content = await answer.read()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def mentions(connection: psycopg.Connection, needle: str) -> list[str]:
    """The tables of the whole database in which a text stands somewhere, also among bytes."""
    tables = connection.execute(
        "select format('%I.%I', table_schema, table_name) from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
    ).fetchall()
    found = []
    for (table,) in tables:
        query = (
            f"select exists (select from {table} t"  # noqa: S608
            " where position(%s in t::text) > 0 or position(%s in t::text) > 0)"
        )
        if connection.execute(query, (needle, needle.encode().hex())).fetchone() == (True,):
            found.append(table)
    return found


class Lead:
    """Somebody in a conversation, with their browser's cookie; their ``name`` stands out in all they say."""

    def __init__(self, browser: aiohttp.ClientSession, name: str, thread_id: str, token: str) -> None:
        self.browser = browser
        self.name = name
        self.thread_id = thread_id
        self.token = token

    async def ask(self, what: str, **more: object) -> tuple[int, Any]:
        body = {"thread_id": self.thread_id, **more}
        async with self.browser.post(f"/api/chat/privacy/{what}", json=body) as answer:
            return answer.status, await answer.json()

    async def requests(self) -> list[dict[str, Any]]:
        async with self.browser.get(f"/api/chat/privacy?thread_id={self.thread_id}") as answer:
            assert answer.status == 200
            found: list[dict[str, Any]] = await answer.json()
            return found
