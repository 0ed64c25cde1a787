"""`/api/v1/vault`."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from core.clock import rfc3339, utc_now
from core.database import Claims, Database
from core.errors import NotFound, Unavailable
from core.vault import Vault
from core.vault.rotation import rotate_master
from tests.api.accounts.conftest import NewPerson
from tests.api.accounts.people import Answer, Client, Person
from tests.api.accounts.test_users import plain
from tests.api.conftest import Api

TOKEN = "EAABwzLixnjYBO-a-token-of-some-length-9f3c"
KEYS = "/vault/keys"
PRODUCTION = f"{KEYS}/meta_business/production_key"


async def stored(ask: Client, person: Person, **change: object) -> Answer:
    """A key is kept."""
    body = {
        "provider": "meta_business",
        "key_name": "production_key",
        "credentials": {"access_token": TOKEN, "app_id": "123456789"},
        "metadata": {"environment": "production", "description": "Main account"},
        **change,
    }
    return await ask("POST", KEYS, body, person.bearer)


async def revealed(ask: Client, person: Person) -> Any:
    """The plain values."""
    answer = await ask("GET", f"{PRODUCTION}?reveal=true", None, person.bearer)
    return answer.body["credentials"]


class TestStore:
    async def test_answers_masked(self, ask: Client, person: Person) -> None:
        made = await stored(ask, person)
        assert made.status == 201
        assert made.body["credentials"] == {"access_token": "****9f3c", "app_id": "****"}
        assert (made.body["status"], made.body["version"]) == ("active", 1)
        assert made.body["metadata"]["environment"] == "production"
        assert made.body["next_rotation"] is not None
        read = await ask("GET", PRODUCTION, None, person.bearer)
        assert read.body["credentials"] == made.body["credentials"]
        listed = await ask("GET", KEYS, None, person.bearer)
        assert [one["key_name"] for one in listed.body["items"]] == ["production_key"]
        for answer in (made, read, listed):
            assert TOKEN not in str(answer.body)

    async def test_a_name_is_taken_once(self, ask: Client, person: Person) -> None:
        answers = await asyncio.gather(*(stored(ask, person) for _ in range(4)))
        assert sorted(answer.status for answer in answers) == [201, 409, 409, 409]

    async def test_nothing_of_it_is_stored_in_the_clear(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        made = await stored(ask, person)
        row = postgres_of.execute(
            "select wrapped_key, ciphertext, v::text from vault_secrets v where id = %s", (made.body["id"],)
        ).fetchone()
        assert row is not None
        assert TOKEN.encode() not in row[0] + row[1]
        assert TOKEN not in row[2]

    @pytest.mark.parametrize(
        "change",
        [
            {"provider": "../../etc"},
            {"provider": "Meta Business"},
            {"key_name": "../x"},
            {"key_name": ""},
            {"credentials": {}},
            {"credentials": {"access_token": ""}},
            {"credentials": {"../x": "y"}},
            {"credentials": "token"},
            {"metadata": {"a": "b\x00"}},
            {"expires_at": "2020-01-01T00:00:00Z"},
            {"organization_id": "org_other"},
            {"status": "active"},
        ],
    )
    async def test_bad_input(self, ask: Client, person: Person, change: dict[str, object]) -> None:
        answer = await stored(ask, person, **change)
        assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")
        assert TOKEN not in str(answer.body)


class TestReveal:
    async def test_is_for_an_admin_who_asks_and_is_noted(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        made = await stored(ask, person)
        assert (await revealed(ask, person))["access_token"] == TOKEN
        noted = postgres_of.execute(
            "select event_type, actor_id, a::text from audit_events a where resource_id = %s order by seq",
            (made.body["id"],),
        ).fetchall()
        assert [row[0] for row in noted] == ["api_key_created", "api_key_accessed", "sensitive_data_access"]
        assert {row[1] for row in noted} == {person.user_id}
        assert TOKEN not in str(noted)

    async def test_not_for_a_viewer_and_not_for_a_key(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        await stored(ask, person)
        viewer = await new_person("viewer", person.organization_id)
        assert (await ask("GET", PRODUCTION, None, viewer.bearer)).status == 200
        assert (await ask("GET", f"{PRODUCTION}?reveal=true", None, viewer.bearer)).status == 403
        body = {"name": "k", "scopes": ["read:*", "write:*"]}
        key = (await ask("POST", "/api-keys", body, person.bearer)).body["key"]
        assert (await ask("GET", f"{PRODUCTION}?reveal=true", None, {"X-API-Key": key})).status == 403

    async def test_anothers_is_answered_like_one_that_does_not_exist(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        await stored(ask, other)
        for method, path, body in (
            ("GET", "", None),
            ("GET", "?reveal=true", None),
            ("POST", "/rotate", {"new_credentials": {"access_token": "x"}}),
            ("DELETE", "", None),
        ):
            foreign = await ask(method, PRODUCTION + path, body, person.bearer)
            missing = await ask(method, f"{KEYS}/meta_business/none{path}", body, person.bearer)
            assert foreign.status == 404
            assert plain(foreign) == plain(missing)
        assert (await revealed(ask, other))["access_token"] == TOKEN


class TestRotate:
    async def test_replaces_what_is_named_and_wipes_the_version_before(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        made = await stored(ask, person)
        body = {"new_credentials": {"access_token": "a-new-token-of-some-length-77aa"}}
        rotated = await ask("POST", f"{PRODUCTION}/rotate", body, person.bearer)
        assert (rotated.status, rotated.body["version"]) == (200, 2)
        assert rotated.body["credentials"] == {"access_token": "****77aa", "app_id": "****"}
        assert await revealed(ask, person) == {
            "access_token": "a-new-token-of-some-length-77aa",
            "app_id": "123456789",
        }
        row = postgres_of.execute(
            "select status, wrapped_key, ciphertext from vault_secrets where id = %s", (made.body["id"],)
        ).fetchone()
        assert row == ("rotated", None, None)

    async def test_of_many_at_once_each_makes_a_version(self, ask: Client, person: Person) -> None:
        await stored(ask, person)
        bodies = [{"new_credentials": {f"field_{n}": f"value {n}"}} for n in range(4)]
        answers = await asyncio.gather(
            *(ask("POST", f"{PRODUCTION}/rotate", body, person.bearer) for body in bodies)
        )
        statuses = [answer.status for answer in answers]
        assert set(statuses) <= {200, 409}
        found = (await ask("GET", PRODUCTION, None, person.bearer)).body
        assert found["version"] == 1 + statuses.count(200)

    async def test_revoked_and_expired_are_over(
        self, ask: Client, person: Person, api: Api, postgres_of: psycopg.Connection
    ) -> None:
        claims = Claims.for_organization(person.organization_id, person.user_id)
        soon = rfc3339(utc_now() + timedelta(hours=1))
        await stored(ask, person, expires_at=soon)
        assert (await api.parts.vault.use(claims, "meta_business", "production_key"))["access_token"] == TOKEN
        postgres_of.execute(
            "update vault_secrets set expires_at = now() where organization_id = %s",
            (person.organization_id,),
        )
        assert (await ask("GET", PRODUCTION, None, person.bearer)).body["status"] == "expired"
        with pytest.raises(NotFound):
            await api.parts.vault.use(claims, "meta_business", "production_key")
        assert (await ask("DELETE", PRODUCTION, None, person.bearer)).status == 204
        revoked = await ask("GET", PRODUCTION, None, person.bearer)
        assert (revoked.body["status"], revoked.body["credentials"]) == ("revoked", {})
        assert (await stored(ask, person)).body["version"] == 2


class TestAtRest:
    async def test_a_ciphertext_opens_for_no_other_organization_or_name(
        self, ask: Client, person: Person, new_person: NewPerson, api: Api, postgres_of: psycopg.Connection
    ) -> None:
        other = await new_person()
        for owner in (person, other):
            await stored(ask, owner)
            await stored(ask, owner, key_name="second")
        postgres_of.execute(
            "update vault_secrets t set wrapped_key = s.wrapped_key, ciphertext = s.ciphertext"
            " from vault_secrets s where s.organization_id = %(other)s and s.key_name = 'production_key'"
            " and (t.organization_id = %(own)s and t.key_name = 'production_key'"
            "      or t.organization_id = %(other)s and t.key_name = 'second')",
            {"own": person.organization_id, "other": other.organization_id},
        )
        for owner, name in ((person, "production_key"), (other, "second")):
            with pytest.raises(Unavailable, match="changed at rest"):
                await api.parts.vault.use(
                    Claims.for_organization(owner.organization_id), "meta_business", name
                )
        assert (await ask("GET", PRODUCTION, None, person.bearer)).status == 503

    async def test_a_new_master_key_takes_over_while_serving(
        self, ask: Client, person: Person, api: Api, database: Database, postgres_of: psycopg.Connection
    ) -> None:
        await stored(ask, person)
        before = _master_of(postgres_of, person)
        stop = asyncio.Event()

        async def busy(number: int) -> int:
            count = 0
            while not stop.is_set():
                made = await stored(ask, person, key_name=f"busy-{number}-{count}")
                assert made.status == 201
                assert (await revealed(ask, person))["access_token"] == TOKEN
                count += 1
            return count

        writing = [asyncio.create_task(busy(number)) for number in range(3)]
        rotated = await rotate_master(database, api.parts.settings)
        stop.set()
        written = sum(await asyncio.gather(*writing))
        assert rotated.done >= 1
        assert before != _master_of(postgres_of, person)
        page = await ask("GET", f"{KEYS}?limit=1", None, person.bearer)
        assert page.body["total"] == written + 1
        fresh = Vault(database, api.parts.settings)
        claims = Claims.for_organization(person.organization_id)
        assert (await fresh.use(claims, "meta_business", "production_key"))["access_token"] == TOKEN

    async def test_keys_are_derived_as_documented(self, api: Api, postgres_of: psycopg.Connection) -> None:
        rows = postgres_of.execute("select octet_length(salt), iterations from app.vault_masters").fetchall()
        assert rows
        assert all(salt == 16 and iterations >= 100_000 for salt, iterations in rows)


def _master_of(connection: psycopg.Connection, person: Person) -> str:
    """The one that wraps all of the person's secrets."""
    (master,) = connection.execute(
        "select distinct master_id from vault_secrets where organization_id = %s", (person.organization_id,)
    ).fetchall()
    return str(master[0])


async def test_a_missing_master_key_is_said_plainly(
    ask: Client, person: Person, api: Api, database: Database, tmp_path: Path
) -> None:
    await stored(ask, person)
    elsewhere = Vault(database, api.parts.settings.model_copy(update={"data_dir": tmp_path}))
    claims = Claims.for_organization(person.organization_id)
    with pytest.raises(Unavailable, match="master key is missing"):
        await elsewhere.use(claims, "meta_business", "production_key")
