"""Two-factor sign-in."""

import asyncio
import time
from typing import Any

import psycopg
import pyotp
import pytest

from core.security.tokens import MfaTicket, MfaTickets
from tests.api.accounts.people import PASSWORD, Answer, Client, Person
from tests.api.conftest import Api


def code(secret: str, steps: int = 0) -> str:
    """The code of the present time step, or of one ``steps`` later."""
    return pyotp.TOTP(secret).at(time.time(), counter_offset=steps)


@pytest.fixture
async def enrolled(ask: Client, person: Person) -> dict[str, Any]:
    """What the person was shown; confirmed with the code of the step before the present one."""
    shown = (await ask("POST", "/mfa/enable", None, person.bearer)).body
    answer = await ask("POST", "/mfa/verify", {"code": code(shown["secret"], -1)}, person.bearer)
    assert answer.body == {"success": True, "mfa_enabled": True}
    result: dict[str, Any] = shown
    return result


async def first_step(ask: Client, person: Person) -> str:
    """The ticket for the second."""
    answer = await ask("POST", "/auth/login", {"email": person.email, "password": PASSWORD})
    assert answer.body["mfa_required"] is True
    assert "access_token" not in answer.body
    ticket: str = answer.body["mfa_token"]
    return ticket


async def second_step(ask: Client, ticket: str, given: str) -> Answer:
    return await ask("POST", "/auth/login/mfa", {"mfa_token": ticket, "code": given})


class TestEnable:
    async def test_shows_secret_link_picture_and_codes(self, ask: Client, person: Person) -> None:
        shown = (await ask("POST", "/mfa/enable", None, person.bearer)).body
        assert shown["qr_code_url"].startswith("otpauth://totp/Limitless:")
        assert shown["secret"] in shown["qr_code_url"]
        assert shown["qr_code_image"].startswith("data:image/svg+xml;base64,")
        assert len(set(shown["backup_codes"])) == 10

    async def test_is_not_in_force_before_a_code(self, ask: Client, person: Person) -> None:
        await ask("POST", "/mfa/enable", None, person.bearer)
        answer = await ask("POST", "/auth/login", {"email": person.email, "password": PASSWORD})
        assert "access_token" in answer.body

    async def test_not_twice(self, ask: Client, person: Person, enrolled: dict[str, Any]) -> None:
        assert (await ask("POST", "/mfa/enable", None, person.bearer)).status == 409

    async def test_nothing_of_it_is_stored_in_the_clear(
        self, ask: Client, person: Person, enrolled: dict[str, Any], postgres_of: psycopg.Connection
    ) -> None:
        rows = postgres_of.execute(
            "select sealed_secret, code_hash from mfa_enrollments join mfa_backup_codes using (user_id)"
            " where user_id = %s",
            (person.user_id,),
        ).fetchall()
        assert len(rows) == 10
        for secret in (enrolled["secret"], *enrolled["backup_codes"]):
            assert all(secret.encode() not in sealed + hashed for sealed, hashed in rows)


class TestSignIn:
    async def test_takes_two_steps(self, ask: Client, person: Person, enrolled: dict[str, Any]) -> None:
        ticket = await first_step(ask, person)
        answer = await second_step(ask, ticket, code(enrolled["secret"]))
        assert answer.status == 200
        assert answer.body["user"]["id"] == person.user_id

    async def test_a_code_counts_once(self, ask: Client, person: Person, enrolled: dict[str, Any]) -> None:
        ticket, given = await first_step(ask, person), code(enrolled["secret"])
        assert (await second_step(ask, ticket, given)).status == 200
        replayed = await second_step(ask, ticket, given)
        assert (replayed.status, replayed.code) == (401, "AUTHENTICATION_ERROR")

    async def test_a_code_counts_once_also_at_the_same_moment(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        ticket, given = await first_step(ask, person), code(enrolled["secret"])
        answers = await asyncio.gather(*(second_step(ask, ticket, given) for _ in range(4)))
        assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]

    async def test_an_earlier_steps_code_is_of_no_use_after_a_later_one(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        ticket = await first_step(ask, person)
        assert (await second_step(ask, ticket, code(enrolled["secret"], 1))).status == 200
        assert (await second_step(ask, ticket, code(enrolled["secret"]))).status == 401

    async def test_a_backup_code_counts_once(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        ticket, given = await first_step(ask, person), enrolled["backup_codes"][3].upper().replace("-", " ")
        assert [(await second_step(ask, ticket, given)).status for _ in range(2)] == [200, 401]
        noted = await ask("GET", "/audit?event_type=mfa_backup_code_updated", None, person.bearer)
        assert noted.body["total"] == 1

    async def test_a_backup_code_counts_once_also_at_the_same_moment(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        ticket, given = await first_step(ask, person), enrolled["backup_codes"][0]
        answers = await asyncio.gather(*(second_step(ask, ticket, given) for _ in range(4)))
        assert sorted(answer.status for answer in answers) == [200, 401, 401, 401]

    async def test_of_the_token_route_takes_two_steps_too(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        answer = await ask("POST", "/auth/token", {"email": person.email, "password": PASSWORD})
        assert (answer.body["mfa_required"], "access_token" in answer.body) == (True, False)

    async def test_too_many_wrong_codes_lock_the_step_for_a_while(
        self, ask: Client, person: Person, enrolled: dict[str, Any], postgres_of: psycopg.Connection
    ) -> None:
        ticket = await first_step(ask, person)
        assert [(await second_step(ask, ticket, "000000")).status for _ in range(5)] == [401] * 5
        locked = await second_step(ask, ticket, code(enrolled["secret"]))
        assert (locked.status, locked.code) == (429, "RATE_LIMIT_EXCEEDED")
        assert 0 < int(locked.headers["Retry-After"]) <= 900
        postgres_of.execute(
            "update mfa_enrollments set locked_until = now() where user_id = %s", (person.user_id,)
        )
        assert (await second_step(ask, ticket, code(enrolled["secret"]))).status == 200

    async def test_the_ticket_is_no_access_token(
        self, ask: Client, person: Person, enrolled: dict[str, Any]
    ) -> None:
        ticket = await first_step(ask, person)
        assert (await ask("GET", "/auth/me", None, {"Authorization": f"Bearer {ticket}"})).status == 401
        assert (await second_step(ask, person.token, code(enrolled["secret"]))).status == 401

    async def test_a_ticket_of_somebody_without_a_second_factor(
        self, ask: Client, person: Person, api: Api
    ) -> None:
        ticket = MfaTicket(person.user_id, person.email, person.organization_id)
        token = MfaTickets(api.parts.secret_key).issue(ticket).value
        assert (await second_step(ask, token, "123456")).status == 409


class TestDisable:
    async def test_needs_a_code(self, ask: Client, person: Person, enrolled: dict[str, Any]) -> None:
        assert (await ask("POST", "/mfa/disable", None, person.bearer)).status == 422
        assert (await ask("POST", "/mfa/disable", {"code": "000000"}, person.bearer)).status == 401
        given = {"code": code(enrolled["secret"])}
        assert (await ask("POST", "/mfa/disable", given, person.bearer)).body["mfa_enabled"] is False
        answer = await ask("POST", "/auth/login", {"email": person.email, "password": PASSWORD})
        assert "access_token" in answer.body

    async def test_without_one(self, ask: Client, person: Person) -> None:
        assert (await ask("POST", "/mfa/disable", {"code": "123456"}, person.bearer)).status == 409

    async def test_anonymous(self, ask: Client) -> None:
        for route in ("enable", "verify", "disable"):
            assert (await ask("POST", f"/mfa/{route}", {"code": "123456"})).status == 401
