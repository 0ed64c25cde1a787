"""`/api/v1/api-keys`, and what a key may."""

import psycopg
import pytest

from tests.api.accounts.conftest import NewPerson
from tests.api.accounts.people import Answer, Client, Person
from tests.api.accounts.test_users import plain


async def key_for(ask: Client, person: Person, *scopes: str) -> Answer:
    """A new key of ``person``."""
    return await ask("POST", "/api-keys", {"name": "Website", "scopes": list(scopes)}, person.bearer)


class TestApiKeys:
    async def test_is_shown_once_and_stored_as_a_hash(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        made = (await key_for(ask, person, "read:users")).body
        assert made["key"].startswith("lmk_")
        assert made["key"].startswith(made["prefix"])
        listed = (await ask("GET", "/api-keys", None, person.bearer)).body
        assert [one["id"] for one in listed["items"]] == [made["id"]]
        assert made["key"] not in str(listed)
        stored = postgres_of.execute("select k::text from api_keys k where id = %s", (made["id"],)).fetchone()
        assert made["key"] not in str(stored)

    @pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
    async def test_may_what_its_scopes_allow(self, ask: Client, person: Person, header: str) -> None:
        key = (await key_for(ask, person, "read:users")).body["key"]
        headers = {header: key if header == "X-API-Key" else f"Bearer {key}"}
        assert (await ask("GET", "/users", None, headers)).status == 200
        assert (await ask("GET", "/invitations", None, headers)).status == 200
        for path in ("/api-keys", f"/tenants/{person.organization_id}"):
            answer = await ask("GET", path, None, headers)
            assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")

    async def test_is_no_person(self, ask: Client, person: Person) -> None:
        key = (await key_for(ask, person, "read:*", "write:*")).body["key"]
        headers = {"X-API-Key": key}
        for method, path, body in (
            ("GET", "/auth/me", None),
            ("POST", "/auth/logout", None),
            ("POST", "/mfa/enable", None),
            ("POST", "/auth/password", {"current_password": "x", "new_password": "something new"}),
        ):
            assert (await ask(method, path, body, headers)).status == 403

    async def test_a_key_makes_no_stronger_key(self, ask: Client, person: Person) -> None:
        weak = {"X-API-Key": (await key_for(ask, person, "write:api_keys")).body["key"]}
        body = {"name": "Stronger", "scopes": ["write:users"]}
        assert (await ask("POST", "/api-keys", body, weak)).status == 403
        same = {"name": "Same", "scopes": ["write:api_keys"]}
        assert (await ask("POST", "/api-keys", same, weak)).status == 201

    @pytest.mark.parametrize(
        "scopes", [[], ["*"], ["admin:audit"], ["installation:tenants"], ["read"], "read:*"]
    )
    async def test_bad_scopes(self, ask: Client, person: Person, scopes: object) -> None:
        body = {"name": "Website", "scopes": scopes}
        assert (await ask("POST", "/api-keys", body, person.bearer)).status == 422

    async def test_is_over_at_once(
        self, ask: Client, person: Person, new_person: NewPerson, postgres_of: psycopg.Connection
    ) -> None:
        made = (await key_for(ask, person, "read:users")).body
        headers = {"X-API-Key": made["key"]}
        assert (await ask("DELETE", f"/api-keys/{made['id']}", None, person.bearer)).status == 204
        assert (await ask("GET", "/users", None, headers)).code == "INVALID_TOKEN"
        expired = (await key_for(ask, person, "read:users")).body
        postgres_of.execute("update api_keys set expires_at = now() where id = %s", (expired["id"],))
        assert (await ask("GET", "/users", None, {"X-API-Key": expired["key"]})).status == 401

    async def test_goes_with_the_person_who_made_it(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        second = await new_person("admin", person.organization_id)
        headers = {"X-API-Key": (await key_for(ask, second, "read:users")).body["key"]}
        assert (await ask("GET", "/users", None, headers)).status == 200
        await ask("PATCH", f"/users/{second.user_id}", {"is_active": False}, person.bearer)
        assert (await ask("GET", "/users", None, headers)).status == 401

    async def test_remembers_its_last_use(self, ask: Client, person: Person) -> None:
        made = (await key_for(ask, person, "read:api_keys")).body
        assert made["last_used_at"] is None
        listed = await ask("GET", "/api-keys", None, {"X-API-Key": made["key"]})
        assert listed.status == 200
        again = await ask("GET", "/api-keys", None, person.bearer)
        assert again.body["items"][0]["last_used_at"] is not None

    async def test_belongs_to_one_organization(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        made = (await key_for(ask, other, "read:users")).body
        headers = {"X-API-Key": made["key"], "X-Organization-ID": person.organization_id}
        assert (await ask("GET", "/users", None, headers)).status == 403
        foreign = await ask("DELETE", f"/api-keys/{made['id']}", None, person.bearer)
        missing = await ask("DELETE", "/api-keys/key_none", None, person.bearer)
        assert foreign.status == 404
        assert plain(foreign) == plain(missing)

    @pytest.mark.parametrize("key", ["", "lmk_", "lmk_" + "x" * 43, "nonsense", "é"])
    async def test_what_is_no_key(self, ask: Client, key: str) -> None:
        answer = await ask("GET", "/users", None, {"X-API-Key": key})
        assert (answer.status, answer.code) == (401, "INVALID_TOKEN" if key else "AUTH_REQUIRED")
