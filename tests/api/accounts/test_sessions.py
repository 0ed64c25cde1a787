"""Refreshing, signing out, and what ends a session."""

import asyncio
from datetime import timedelta

import psycopg

from core.clock import utc_now
from core.security.tokens import RefreshToken, RefreshTokens
from tests.api.accounts.conftest import Again, Join, NewPerson
from tests.api.accounts.people import Client, Person
from tests.api.conftest import Api


async def refreshed(ask: Client, token: str) -> tuple[int, str]:
    """The status, and the next refresh token."""
    answer = await ask("POST", "/auth/refresh", {"refresh_token": token})
    return answer.status, answer.body.get("refresh_token", "")


async def standing(ask: Client, person: Person) -> int:
    """The status of a request with the person's access token."""
    return (await ask("GET", "/auth/me", None, person.bearer)).status


class TestRefresh:
    async def test_each_token_is_good_once(self, ask: Client, person: Person) -> None:
        token = person.refresh_token
        for _ in range(3):
            status, token = await refreshed(ask, token)
            assert status == 200

    async def test_a_token_that_comes_back_ends_the_session_for_everybody(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        _, newer = await refreshed(ask, person.refresh_token)
        again = await ask("POST", "/auth/refresh", {"refresh_token": person.refresh_token})
        assert (again.status, again.code) == (401, "INVALID_TOKEN")
        assert (await refreshed(ask, newer))[0] == 401
        assert await standing(ask, person) == 401
        noted = postgres_of.execute(
            "select count(*) from audit_events where event_type = 'suspicious_activity' and actor_id = %s",
            (person.user_id,),
        )
        assert noted.fetchone() == (1,)

    async def test_of_many_at_once_one_is_answered(self, ask: Client, person: Person) -> None:
        answers = await asyncio.gather(*(refreshed(ask, person.refresh_token) for _ in range(8)))
        assert sorted(status for status, _ in answers) == [200] + [401] * 7

    async def test_an_access_token_is_none(self, ask: Client, person: Person) -> None:
        assert (await refreshed(ask, person.token))[0] == 401

    async def test_a_made_up_session_is_none(self, ask: Client, person: Person, api: Api) -> None:
        forged = RefreshToken("sess_none", person.user_id, person.organization_id, 0)
        token = RefreshTokens(api.parts.secret_key).issue(forged, utc_now() + timedelta(hours=1))
        assert (await refreshed(ask, token))[0] == 401

    async def test_a_session_is_over_at_its_hour(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        postgres_of.execute(
            "update sessions set expires_at = now() - interval '1 second' where user_id = %s",
            (person.user_id,),
        )
        assert (await refreshed(ask, person.refresh_token))[0] == 401
        assert await standing(ask, person) == 401


class TestLogout:
    async def test_ends_this_session(self, ask: Client, person: Person) -> None:
        assert (await ask("POST", "/auth/logout", None, person.bearer)).status == 200
        assert await standing(ask, person) == 401
        assert (await refreshed(ask, person.refresh_token))[0] == 401

    async def test_leaves_the_others(self, ask: Client, person: Person, again: Again) -> None:
        other = await again(person)
        await ask("POST", "/auth/logout", None, person.bearer)
        assert await standing(ask, other) == 200

    async def test_everywhere(self, ask: Client, person: Person, again: Again) -> None:
        other = await again(person)
        assert (await ask("POST", "/auth/logout/everywhere", None, person.bearer)).status == 200
        assert [await standing(ask, one) for one in (person, other)] == [401, 401]
        assert (await refreshed(ask, other.refresh_token))[0] == 401

    async def test_anonymous(self, ask: Client) -> None:
        answer = await ask("POST", "/auth/logout")
        assert (answer.status, answer.code) == (401, "AUTH_REQUIRED")


class TestDeactivation:
    async def test_ends_sessions_at_once_in_that_organization_alone(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join, postgres_of: psycopg.Connection
    ) -> None:
        other = await new_person()
        await join(person, other.organization_id, "viewer")
        postgres_of.execute(
            "update memberships set is_active = false where user_id = %s and organization_id = %s",
            (person.user_id, person.organization_id),
        )
        assert await standing(ask, person) == 401
        assert (await refreshed(ask, person.refresh_token))[0] == 401
        elsewhere = {**person.bearer, "X-Organization-ID": other.organization_id}
        assert (await ask("GET", "/auth/me", None, elsewhere)).body["role"] == "viewer"

    async def test_an_inactive_account_or_organization_is_nowhere(
        self, ask: Client, new_person: NewPerson, postgres_of: psycopg.Connection
    ) -> None:
        for change in (
            "update users set is_active = false where id = %(user)s",
            "update organizations set is_active = false where id = %(organization)s",
        ):
            person = await new_person()
            postgres_of.execute(change, {"user": person.user_id, "organization": person.organization_id})
            assert await standing(ask, person) == 401


class TestOrganizationHeader:
    async def test_chooses_among_ones_own(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        other = await new_person()
        await join(person, other.organization_id, "analyst")
        headers = {**person.bearer, "X-Organization-ID": other.organization_id}
        me = await ask("GET", "/auth/me", None, headers)
        assert (me.body["tenant_id"], me.body["role"]) == (other.organization_id, "analyst")
        assert {one["id"]: one["role"] for one in me.body["organizations"]} == {
            person.organization_id: "admin",
            other.organization_id: "analyst",
        }

    async def test_a_foreign_one_is_answered_like_one_that_does_not_exist(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        answers = [
            await ask("GET", "/auth/me", None, {**person.bearer, "X-Organization-ID": wanted})
            for wanted in (other.organization_id, "org_00000000000000000000000000")
        ]
        assert [(answer.status, answer.code) for answer in answers] == [(403, "INSUFFICIENT_PERMISSIONS")] * 2

    async def test_what_is_no_id_is_bad_input(self, ask: Client, person: Person) -> None:
        headers = {**person.bearer, "X-Organization-ID": "' or 1=1"}
        assert (await ask("GET", "/auth/me", None, headers)).status == 422
