"""People, and what they do with their accounts."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import aiohttp
import psycopg
import pytest

from api.auth.repository import Account
from api.organizations.repository import insert_membership, insert_organization, insert_user
from core.database import Claims, Database
from core.identifiers import new_id
from core.jobs import connector, jobs
from core.security.passwords import Passwords
from core.security.permissions import Role
from core.storage.choice import open_storage
from ingestion_worker import tasks
from tests.api.accounts.leads import Lead
from tests.api.accounts.people import PASSWORD, Client, Mailbox, Person
from tests.api.chat.talking import say
from tests.api.conftest import Api
from tests.api.organization import Organization

NewPerson = Callable[..., Awaitable[Person]]
Again = Callable[[Person], Awaitable[Person]]
Join = Callable[[Person, str, Role], Awaitable[None]]
Connect = Callable[..., AbstractAsyncContextManager[Client]]
DoJobs = Callable[[], Awaitable[None]]


@pytest.fixture
def ask(stranger: aiohttp.ClientSession) -> Client:
    """A client that keeps no cookies."""
    return Client(stranger)


@pytest.fixture
def connect() -> Connect:
    """Clients of another address than the usual application's."""

    @asynccontextmanager
    async def open_client(url: str, *, cookies: bool = False) -> AsyncIterator[Client]:
        jar = aiohttp.CookieJar(unsafe=True) if cookies else aiohttp.DummyCookieJar()
        async with aiohttp.ClientSession(url, cookie_jar=jar) as session:
            yield Client(session)

    return open_client


@pytest.fixture
def postgres_of(conninfo: str) -> Iterator[psycopg.Connection]:
    """The database as its owner sees it, past all policies."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
async def password_hash() -> str:
    """What is stored of `PASSWORD`."""
    passwords = Passwords()
    hashed = await passwords.hash(PASSWORD)
    passwords.close()
    return hashed


@pytest.fixture
def again(api: Api) -> Again:
    """Opens one more session of a person."""

    async def open_another(person: Person) -> Person:
        account = Account(
            person.user_id, person.email, "Pat Person", None, True, person.organization_id, person.role, False
        )
        opened = await api.parts.identities.sessions.open(account)
        return replace(person, token=opened.access_token.value, refresh_token=opened.refresh_token)

    return open_another


@pytest.fixture
def new_person(database: Database, password_hash: str, again: Again) -> NewPerson:
    """Makes a person with `PASSWORD` and a session, in a new organization or the one that is named."""

    async def make(role: Role = "admin", organization_id: str | None = None) -> Person:
        where, address = organization_id or new_id("org"), f"{new_id('p')}@example.com"
        async with database.transaction(Claims.for_organization(where)) as connection:
            if organization_id is None:
                await insert_organization(connection, where, "An organization")
            user_id = await insert_user(
                connection, email=address, full_name="Pat Person", password_hash=password_hash, verified=True
            )
            await insert_membership(connection, where, user_id, role)
        return await again(Person(user_id, where, address, role, "", ""))

    return make


@pytest.fixture
def join(database: Database) -> Join:
    """Makes a person a member of another organization, too."""

    async def add(person: Person, organization_id: str, role: Role) -> None:
        async with database.transaction(Claims.for_organization(organization_id)) as connection:
            await insert_membership(connection, organization_id, person.user_id, role)

    return add


@pytest.fixture
async def person(new_person: NewPerson) -> Person:
    """An admin of an organization of their own."""
    return await new_person()


@pytest.fixture
def do_jobs(api: Api, database: Database, conninfo: str) -> DoJobs:
    """Does every job that waits."""

    async def work() -> None:
        assert tasks.REGISTERED
        settings = api.parts.settings
        async with open_storage(settings) as storage:
            with jobs.replace_connector(connector(conninfo)) as app:
                async with app.open_async():
                    await app.run_worker_async(
                        wait=False,
                        install_signal_handlers=False,
                        delete_jobs="successful",
                        additional_context={"database": database, "settings": settings, "storage": storage},
                    )

    return work


@pytest.fixture
def mailbox(api: Api) -> Mailbox:
    """What the application wrote to people."""
    return Mailbox(api.parts.settings.data_dir / "mail")


@pytest.fixture
async def lead(http: aiohttp.ClientSession, organization: Organization) -> Lead:
    """Just began to talk."""
    name = f"w{secrets.token_hex(6)}"
    events = await say(http, organization.code, f"I coach nomads in {name}", instagram_handle=f"@{name}")
    done = events[-1].data
    return Lead(http, name, done["thread_id"], done["lead_token"])
