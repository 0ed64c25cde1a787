"""The whole application on a real port, and organizations to try it with."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_app
from api.auth.repository import Account
from api.campaigns import repository as campaigns
from api.organizations.repository import insert_member, insert_organization
from api.parts import Parts
from core.database import Claims, Database
from core.identifiers import new_id
from core.security.permissions import Role
from core.settings import Settings
from tests.api.organization import Organization


@dataclass(frozen=True, slots=True)
class Api:
    """A running application."""

    url: str
    parts: Parts


ServeApi = Callable[[Settings], contextlib.AbstractAsyncContextManager[Api]]


@contextlib.asynccontextmanager
async def serving(settings: Settings, conninfo: str) -> AsyncIterator[Api]:
    app = create_app(settings, conninfo)
    async with serving_app(app) as url:
        yield Api(url, app.state.parts)


@contextlib.asynccontextmanager
async def serving_app(app: FastAPI) -> AsyncIterator[str]:
    """Serves an application; hands over its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    options: dict[str, Any] = {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 1}
    server = uvicorn.Server(uvicorn.Config(app, proxy_headers=False, **options))
    # Signals belong to pytest.
    running = asyncio.create_task(server._serve([listener]))
    try:
        while not server.started:
            if running.done():
                running.result()
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


@pytest.fixture
def serve_api(conninfo: str) -> ServeApi:
    """Serves the application with other settings, for as long as a test wants."""
    return lambda settings: serving(settings, conninfo)


@pytest.fixture(scope="session")
async def api(conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """The application with the scripted agent, limits off."""
    settings = unlimited(tmp_path_factory.mktemp("api"))
    async with serving(settings, conninfo) as running:
        yield running


def unlimited(data_dir: Path) -> Settings:
    """The defaults without limits."""
    return Settings(
        _env_file=None,
        data_dir=data_dir,
        rate_limit_chat="",
        rate_limit_chat_address="",
        rate_limit_chat_campaign="",
        rate_limit_campaigns="",
        rate_limit_authentication="",
        rate_limit_authentication_account="",
        rate_limit_default="",
        rate_limit_data_export="",
        rate_limit_documents_upload="",
    )


@pytest.fixture
async def http(api: Api) -> AsyncIterator[aiohttp.ClientSession]:
    """A browser: it keeps cookies."""
    async with aiohttp.ClientSession(api.url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        yield session


@pytest.fixture
async def stranger(api: Api) -> AsyncIterator[aiohttp.ClientSession]:
    """A client that keeps nothing."""
    async with aiohttp.ClientSession(api.url, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session


NewOrganization = Callable[..., Awaitable[Organization]]


@pytest.fixture
def new_organization(api: Api, database: Database) -> NewOrganization:
    """Makes an organization with one member and one campaign."""

    async def make(role: Role = "admin", **campaign: object) -> Organization:
        return await _organization(database, api.parts, role, campaign)

    return make


@pytest.fixture
async def organization(new_organization: NewOrganization) -> Organization:
    """One organization of the test's own."""
    return await new_organization()


async def _organization(
    database: Database, parts: Parts, role: Role, campaign: dict[str, object]
) -> Organization:
    organization_id, email = new_id("org"), f"{new_id('o')}@example.com"
    code = new_id("x").upper().replace("X_", "")[-12:]
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        await insert_organization(connection, organization_id, "An organization")
        user_id = await insert_member(
            connection,
            organization_id=organization_id,
            email=email,
            full_name="Olive Owner",
            password_hash="",
            role=role,
        )
        wanted = {
            "id": new_id("camp"),
            "organization_id": organization_id,
            "code": code,
            "name": "A campaign",
            "description": "",
            "max_uses": None,
            "expires_at": None,
            "ad_campaign_id": None,
            **campaign,
        }
        row = await campaigns.insert(connection, wanted)
    account = Account(user_id, email, "Olive Owner", None, True, organization_id, role, False)
    opened = await parts.identities.sessions.open(account)
    return Organization(organization_id, user_id, email, row["id"], row["code"], opened.access_token.value)
