"""`POST /api/v1/auth/login` and `/token`."""

from pathlib import Path

import psycopg
import pytest

from core.identifiers import new_id
from core.limits import limit
from core.security.passwords import MEMORY_KIB, Passwords
from tests.api.accounts.conftest import Connect, Join, NewPerson
from tests.api.accounts.people import PASSWORD, Client, Person
from tests.api.conftest import ServeApi, unlimited


class TestLogin:
    async def test_opens_a_session(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/auth/login", {"email": person.email.upper(), "password": PASSWORD})
        assert answer.status == 200
        assert (answer.body["token_type"], answer.body["expires_in"]) == ("bearer", 1800)
        assert answer.body["user"] == {
            "id": person.user_id,
            "email": person.email,
            "full_name": "Pat Person",
            "role": "admin",
            "tenant_id": person.organization_id,
        }
        me = await ask("GET", "/auth/me", None, {"Authorization": f"Bearer {answer.body['access_token']}"})
        assert me.body["id"] == person.user_id

    async def test_takes_a_username(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/auth/login", {"username": person.email, "password": PASSWORD})
        assert answer.status == 200

    @pytest.mark.parametrize("email", ["", "nobody@example.com", "no address", "a\x00b@example.com", "É@é.é"])
    async def test_an_unknown_address_is_answered_like_a_wrong_password(
        self, ask: Client, person: Person, email: str
    ) -> None:
        wrong = await ask("POST", "/auth/login", {"email": person.email, "password": "wrong"})
        unknown = await ask("POST", "/auth/login", {"email": email, "password": PASSWORD})
        for answer in (wrong, unknown):
            assert answer.status == 401
            for different in ("request_id", "timestamp"):
                del answer.body["error"][different]
        assert wrong.body == unknown.body
        assert wrong.code == "AUTHENTICATION_ERROR"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"email": "a@example.com"},
            {"email": 7, "password": "x"},
            {"email": "a@example.com", "password": ""},
        ],
    )
    async def test_bad_input(self, ask: Client, body: dict[str, object]) -> None:
        answer = await ask("POST", "/auth/login", body)
        assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")

    async def test_a_password_keeps_its_spaces(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/auth/login", {"email": person.email, "password": f" {PASSWORD} "})
        assert answer.status == 401

    async def test_an_old_hash_is_renewed(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        old = await Passwords(memory_kib=1024, time_cost=1).hash(PASSWORD)
        postgres_of.execute("update users set password_hash = %s where id = %s", (old, person.user_id))
        body = {"email": person.email, "password": PASSWORD}
        for _ in range(2):
            assert (await ask("POST", "/auth/login", body)).status == 200
        row = postgres_of.execute(
            "select password_hash from users where id = %s", (person.user_id,)
        ).fetchone()
        assert row is not None
        assert f"m={MEMORY_KIB}," in row[0]


class TestToken:
    async def test_shows_the_session_as_liftos_does(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/auth/token", {"email": person.email, "password": PASSWORD})
        assert answer.body["user"] == {
            "id": person.user_id,
            "email": person.email,
            "roles": ["admin"],
            "org_id": person.organization_id,
        }

    async def test_chooses_the_organization(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        other = await new_person()
        await join(person, other.organization_id, "viewer")
        body = {"email": person.email, "password": PASSWORD, "org_id": other.organization_id}
        answer = await ask("POST", "/auth/token", body)
        assert answer.body["user"]["org_id"] == other.organization_id
        assert answer.body["user"]["roles"] == ["viewer"]

    async def test_another_organization_is_refused_like_a_wrong_password(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        for wanted in (other.organization_id, "org_none"):
            body = {"email": person.email, "password": PASSWORD, "org_id": wanted}
            answer = await ask("POST", "/auth/token", body)
            assert (answer.status, answer.code) == (401, "AUTHENTICATION_ERROR")


class TestStuffing:
    """Trying passwords is limited by address and by account, and does not keep the owner out."""

    async def test_an_address_may_try_so_often(
        self, serve_api: ServeApi, tmp_path: Path, connect: Connect
    ) -> None:
        changed = {"rate_limit_authentication": "3/minute", "rate_limit_authentication_account": "20/hour"}
        settings = unlimited(tmp_path).model_copy(update=changed)
        async with serve_api(settings) as limited, connect(limited.url) as ask:
            await limited.parts.limits.forget(limit("authentication", "127.0.0.1", "3/minute"))
            answers = [
                await ask("POST", "/auth/login", {"email": f"{n}@example.com", "password": "guess"})
                for n in range(4)
            ]
        assert [answer.status for answer in answers] == [401, 401, 401, 429]
        # The account's own limit is counted, too, but what is said is the category's.
        assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
        refused = answers[-1]
        assert refused.code == "RATE_LIMIT_EXCEEDED"
        assert int(refused.headers["Retry-After"]) > 0
        assert refused.headers["X-RateLimit-Limit"] == "3"
        assert refused.headers["X-RateLimit-Remaining"] == "0"

    async def test_an_account_may_be_tried_so_often(
        self, serve_api: ServeApi, tmp_path: Path, connect: Connect, new_person: NewPerson
    ) -> None:
        owner = await new_person()
        settings = unlimited(tmp_path).model_copy(update={"rate_limit_authentication_account": "3/hour"})
        right = {"email": owner.email, "password": PASSWORD}
        async with serve_api(settings) as limited, connect(limited.url, cookies=True) as browser:
            assert (await browser("POST", "/auth/login", right)).status == 200
            async with connect(limited.url) as attacker:
                guesses = [
                    await attacker("POST", "/auth/login", {**right, "password": f"guess {n}"})
                    for n in range(4)
                ]
                assert [guess.status for guess in guesses] == [401, 401, 401, 429]
                assert (await attacker("POST", "/auth/login", right)).status == 429
            assert (await browser("POST", "/auth/login", right)).status == 200

    async def test_an_unknown_account_is_limited_the_same(
        self, serve_api: ServeApi, tmp_path: Path, connect: Connect
    ) -> None:
        settings = unlimited(tmp_path).model_copy(update={"rate_limit_authentication_account": "2/hour"})
        body = {"email": f"{new_id('nobody')}@example.com", "password": "guess"}
        async with serve_api(settings) as limited, connect(limited.url) as attacker:
            answers = [await attacker("POST", "/auth/login", body) for _ in range(3)]
        assert [answer.status for answer in answers] == [401, 401, 429]
