"""Supabase Auth in place of the built-in accounts: their identity, our membership."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.identifiers import new_id
from tests.api.accounts.conftest import Connect, Join, NewPerson
from tests.api.accounts.people import Answer, Client, Person
from tests.api.accounts.test_registration import address
from tests.api.conftest import Api, ServeApi, unlimited
from tests.standins.supabase_auth import SupabaseAuth, shared_secret_token, supabase_auth

SHARED = "the shared secret of a project in this suite"


@dataclass(frozen=True, slots=True)
class Installation:
    """An application that trusts a project of Supabase."""

    ask: Client
    project: SupabaseAuth

    async def me(self, email: str, subject: str | None = None, **claims: object) -> Answer:
        """What the application makes of a token for ``email``."""
        token = self.project.sign(self.project.elliptic, "ES256", email=email, sub=subject or email, **claims)
        return await self.ask("GET", "/auth/me", None, {"Authorization": f"Bearer {token}"})


@pytest.fixture
async def installation(api: Api, serve_api: ServeApi, connect: Connect) -> AsyncIterator[Installation]:
    async with supabase_auth() as project:
        settings = api.parts.settings.model_copy(update={"supabase_url": project.url})
        async with serve_api(settings) as served, connect(served.url) as ask:
            yield Installation(ask, project)


async def test_an_invitation_that_waits_makes_the_membership_at_first_sight(
    installation: Installation, person: Person
) -> None:
    email = address()
    body = {"email": email, "role": "manager"}
    assert (await installation.ask("POST", "/invitations", body, person.bearer)).status == 201
    for _ in range(2):
        me = await installation.me(email)
        assert (me.status, me.body["role"], me.body["tenant_id"]) == (200, "manager", person.organization_id)


async def test_nobody_invited_is_nobody(installation: Installation) -> None:
    me = await installation.me(address(), app_metadata={"organization_id": new_id("org"), "role": "admin"})
    assert (me.status, me.code) == (403, "INSUFFICIENT_PERMISSIONS")


async def test_a_member_is_known_by_their_address_once_and_by_their_identity_from_then_on(
    installation: Installation, person: Person
) -> None:
    first = await installation.me(person.email, "identity-1")
    assert (first.status, first.body["id"], first.body["role"]) == (200, person.user_id, "admin")
    assert (await installation.me(address(), "identity-1")).body["id"] == person.user_id
    assert (await installation.me(person.email, "identity-2")).status == 403


async def test_what_the_token_says_of_roles_does_not_count(
    installation: Installation, new_person: NewPerson
) -> None:
    viewer = await new_person("viewer")
    me = await installation.me(viewer.email, app_metadata={"role": "superadmin"})
    assert me.body["role"] == "viewer"


async def test_the_organization_is_chosen_by_header_by_hint_or_the_first(
    installation: Installation, person: Person, new_person: NewPerson, join: Join
) -> None:
    other = await new_person()
    await join(person, other.organization_id, "viewer")
    first = await installation.me(person.email)
    hinted = await installation.me(person.email, app_metadata={"organization_id": other.organization_id})
    foreign = await installation.me(person.email, app_metadata={"organization_id": "org_none"})
    found = [answer.body["tenant_id"] for answer in (first, hinted, foreign)]
    assert found == [person.organization_id, other.organization_id, person.organization_id]


async def test_the_shared_secret_works_on_owner_routes(
    serve_api: ServeApi, tmp_path: Path, connect: Connect, person: Person
) -> None:
    settings = unlimited(tmp_path).model_copy(update={"supabase_jwt_secret": SecretStr(SHARED)})
    token = shared_secret_token(SHARED, "https://x.supabase.co/auth/v1", email=person.email, sub=new_id("s"))
    async with serve_api(settings) as api, connect(api.url) as ask:
        assert (await ask("GET", "/invitations", None, {"Authorization": f"Bearer {token}"})).status == 200


async def test_keys_that_cannot_be_had_are_a_503(installation: Installation) -> None:
    installation.project.status = 500
    answer = await installation.me(address())
    assert (answer.status, answer.code) == (503, "SERVICE_UNAVAILABLE")


async def test_a_second_factor_is_supabases_own(installation: Installation, person: Person) -> None:
    token = installation.project.sign(
        installation.project.elliptic, "ES256", email=person.email, sub=person.email
    )
    answer = await installation.ask("POST", "/mfa/enable", None, {"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.code) == (409, "CONFLICT")


async def test_built_in_sessions_go_on_beside_it(installation: Installation, person: Person) -> None:
    assert (await installation.ask("GET", "/auth/me", None, person.bearer)).status == 200
