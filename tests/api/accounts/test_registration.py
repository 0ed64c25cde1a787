"""Registering, forgotten and changed passwords: what is answered does not say who has an account."""

import psycopg
import pytest

from core.identifiers import new_id
from tests.api.accounts.conftest import Again, DoJobs
from tests.api.accounts.people import PASSWORD, Client, Mailbox, Person

STRONG = "a rather new password"


def address() -> str:
    """One that nobody has."""
    return f"{new_id('new')}@example.com"


async def signs_in(ask: Client, email: str, password: str) -> bool:
    """Whether this is the account's password."""
    answer = await ask("POST", "/auth/login", {"email": email, "password": password})
    assert answer.status in (200, 401)
    return answer.status == 200


class TestRegister:
    async def test_a_mailed_link_makes_the_account(
        self, ask: Client, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        email = address()
        body = {"email": email.upper(), "password": STRONG, "full_name": "Jane Doe"}
        assert (await ask("POST", "/auth/register", body)).status == 202
        assert not await signs_in(ask, email, STRONG)
        await do_jobs()
        token = mailbox.token(email)
        assert (await ask("POST", "/auth/register/confirm", {"token": token})).status == 200
        signed_in = await ask("POST", "/auth/login", {"email": email, "password": STRONG})
        assert signed_in.body["user"]["role"] == "admin"
        assert signed_in.body["user"]["full_name"] == "Jane Doe"
        again = await ask("POST", "/auth/register/confirm", {"token": token})
        assert (again.status, again.code) == (401, "INVALID_TOKEN")

    async def test_a_known_address_is_answered_the_same_and_told_by_mail(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        body = {"password": STRONG, "full_name": "Somebody Else"}
        answers = [
            await ask("POST", "/auth/register", {**body, "email": email})
            for email in (person.email, address())
        ]
        assert answers[0].body == answers[1].body
        await do_jobs()
        assert mailbox.to(person.email)[-1]["Subject"] == "You have an account already"
        assert await signs_in(ask, person.email, PASSWORD)

    async def test_each_attempt_stands_for_its_own_password(
        self, ask: Client, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        email, tokens = address(), []
        for password in ("the attacker's choice", STRONG):
            body = {"email": email, "password": password, "full_name": "Jane Doe"}
            await ask("POST", "/auth/register", body)
            await do_jobs()
            tokens.append(mailbox.token(email))
        assert (await ask("POST", "/auth/register/confirm", {"token": tokens[1]})).status == 200
        assert (await ask("POST", "/auth/register/confirm", {"token": tokens[0]})).status == 401
        assert await signs_in(ask, email, STRONG)
        assert not await signs_in(ask, email, "the attacker's choice")

    async def test_nothing_that_was_typed_is_mailed_to_others(
        self, ask: Client, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        email = address()
        body = {"email": email, "password": STRONG, "full_name": "Buy at https://spam.example"}
        await ask("POST", "/auth/register", body)
        await do_jobs()
        assert "spam" not in mailbox.to(email)[-1].as_string()

    async def test_an_old_link_is_of_no_use(
        self, ask: Client, do_jobs: DoJobs, mailbox: Mailbox, postgres_of: psycopg.Connection
    ) -> None:
        email = address()
        await ask("POST", "/auth/register", {"email": email, "password": STRONG, "full_name": "Jane"})
        await do_jobs()
        postgres_of.execute("update app.registrations set expires_at = now() where email = %s", (email,))
        answer = await ask("POST", "/auth/register/confirm", {"token": mailbox.token(email)})
        assert answer.status == 401

    @pytest.mark.parametrize(
        "change",
        [
            {"email": "no address"},
            {"email": "a@b@c.example"},
            {"password": "short"},
            {"password": "aaaaaaaaaaaa"},
            {"full_name": ""},
            {"full_name": "a\x00b"},
            {"full_name": "x" * 201},
            {"role": "superadmin"},
            {"organization_id": "org_1"},
            {"is_active": True},
        ],
    )
    async def test_bad_input(self, ask: Client, change: dict[str, object]) -> None:
        body = {"email": address(), "password": STRONG, "full_name": "Jane Doe", **change}
        answer = await ask("POST", "/auth/register", body)
        assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")
        assert STRONG not in str(answer.body)


class TestForgottenPassword:
    async def test_a_mailed_link_sets_a_new_one_once(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        assert (await ask("POST", "/auth/password/forgot", {"email": person.email})).status == 202
        await do_jobs()
        body = {"token": mailbox.token(person.email), "password": STRONG}
        assert (await ask("POST", "/auth/password/reset", body)).status == 200
        assert await signs_in(ask, person.email, STRONG)
        assert not await signs_in(ask, person.email, PASSWORD)
        assert (await ask("GET", "/auth/me", None, person.bearer)).status == 401
        assert (await ask("POST", "/auth/password/reset", body)).status == 401

    async def test_an_unknown_address_is_answered_the_same_and_not_written_to(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        unknown = address()
        answers = [
            await ask("POST", "/auth/password/forgot", {"email": email}) for email in (person.email, unknown)
        ]
        assert answers[0].body == answers[1].body
        await do_jobs()
        assert mailbox.to(unknown) == []

    async def test_one_link_used_makes_the_others_useless(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        tokens = []
        for _ in range(2):
            await ask("POST", "/auth/password/forgot", {"email": person.email})
            await do_jobs()
            tokens.append(mailbox.token(person.email))
        statuses = [
            (await ask("POST", "/auth/password/reset", {"token": token, "password": STRONG})).status
            for token in reversed(tokens)
        ]
        assert statuses == [200, 401]

    async def test_a_made_up_link(self, ask: Client) -> None:
        body = {"token": "x" * 43, "password": STRONG}
        answer = await ask("POST", "/auth/password/reset", body)
        assert (answer.status, answer.code) == (401, "INVALID_TOKEN")


class TestChangePassword:
    async def test_ends_the_other_sessions(self, ask: Client, person: Person, again: Again) -> None:
        other = await again(person)
        body = {"current_password": PASSWORD, "new_password": STRONG}
        assert (await ask("POST", "/auth/password", body, person.bearer)).status == 200
        assert (await ask("GET", "/auth/me", None, person.bearer)).status == 200
        assert (await ask("GET", "/auth/me", None, other.bearer)).status == 401
        assert await signs_in(ask, person.email, STRONG)

    async def test_needs_the_current_one(self, ask: Client, person: Person) -> None:
        body = {"current_password": "wrong", "new_password": STRONG}
        answer = await ask("POST", "/auth/password", body, person.bearer)
        assert (answer.status, answer.code) == (401, "AUTHENTICATION_ERROR")
        assert await signs_in(ask, person.email, PASSWORD)
