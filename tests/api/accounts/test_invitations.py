"""Inviting people, and following an invitation."""

import psycopg
import pytest

from tests.api.accounts.conftest import Again, DoJobs, Join, NewPerson
from tests.api.accounts.people import PASSWORD, Client, Mailbox, Person
from tests.api.accounts.test_registration import STRONG, address, signs_in


async def invited(
    ask: Client, admin: Person, email: str, do_jobs: DoJobs, mailbox: Mailbox, role: str = "analyst"
) -> str:
    """The token that went out to ``email``."""
    answer = await ask("POST", "/invitations", {"email": email, "role": role}, admin.bearer)
    assert answer.status == 201
    await do_jobs()
    return mailbox.token(email)


class TestInvite:
    async def test_somebody_new_chooses_name_and_password(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        email = address()
        token = await invited(ask, person, email, do_jobs, mailbox)
        assert (await ask("POST", "/invitations/accept", {"token": token})).status == 422
        body = {"token": token, "full_name": "Ann Alyst", "password": STRONG}
        answer = await ask("POST", "/invitations/accept", body)
        assert answer.body["organization_id"] == person.organization_id
        signed_in = await ask("POST", "/auth/login", {"email": email, "password": STRONG})
        assert signed_in.body["user"]["role"] == "analyst"
        assert signed_in.body["user"]["tenant_id"] == person.organization_id
        assert (await ask("POST", "/invitations/accept", body)).status == 401

    async def test_somebody_known_keeps_their_password(
        self, ask: Client, person: Person, new_person: NewPerson, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        guest = await new_person()
        token = await invited(ask, person, guest.email, do_jobs, mailbox)
        body = {"token": token, "password": STRONG}
        assert (await ask("POST", "/invitations/accept", body)).status == 200
        assert await signs_in(ask, guest.email, PASSWORD)
        elsewhere = {**guest.bearer, "X-Organization-ID": person.organization_id}
        assert (await ask("GET", "/auth/me", None, elsewhere)).body["role"] == "analyst"

    async def test_an_account_whose_address_was_never_proven_gets_a_new_password(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        do_jobs: DoJobs,
        mailbox: Mailbox,
        postgres_of: psycopg.Connection,
    ) -> None:
        planted = await new_person()
        postgres_of.execute("update users set email_verified_at = null where id = %s", (planted.user_id,))
        token = await invited(ask, person, planted.email, do_jobs, mailbox)
        assert (await ask("POST", "/invitations/accept", {"token": token})).status == 422
        body = {"token": token, "password": STRONG}
        assert (await ask("POST", "/invitations/accept", body)).status == 200
        assert not await signs_in(ask, planted.email, PASSWORD)
        assert await signs_in(ask, planted.email, STRONG)
        assert (await ask("GET", "/auth/me", None, planted.bearer)).status == 401

    async def test_the_answer_does_not_say_whether_there_is_an_account(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        known = await new_person()
        bodies = []
        for email in (known.email, address()):
            answer = await ask("POST", "/invitations", {"email": email, "role": "viewer"}, person.bearer)
            bodies.append(
                {key: answer.body[key] for key in ("role", "invited_by")} | {"status": answer.status}
            )
        assert bodies[0] == bodies[1]

    async def test_a_member_is_not_invited_again(self, ask: Client, person: Person) -> None:
        answer = await ask("POST", "/invitations", {"email": person.email, "role": "viewer"}, person.bearer)
        assert answer.status == 409

    async def test_no_more_than_the_organization_may_have(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        postgres_of.execute("update organizations set max_users = 2 where id = %s", (person.organization_id,))
        statuses = [
            (await ask("POST", "/invitations", {"email": address(), "role": "viewer"}, person.bearer)).status
            for _ in range(2)
        ]
        assert statuses == [201, 409]

    @pytest.mark.parametrize("role", ["superadmin", "owner", "", None])
    async def test_not_as_more_than_an_admin(self, ask: Client, person: Person, role: str | None) -> None:
        answer = await ask("POST", "/invitations", {"email": address(), "role": role}, person.bearer)
        assert answer.status == 422

    async def test_a_manager_may_not(self, ask: Client, new_person: NewPerson) -> None:
        manager = await new_person("manager")
        answer = await ask("POST", "/invitations", {"email": address(), "role": "viewer"}, manager.bearer)
        assert (answer.status, answer.code) == (403, "INSUFFICIENT_PERMISSIONS")


class TestWhoIsOut:
    @pytest.mark.parametrize("how", ["deactivated", "removed"])
    async def test_an_older_link_does_not_lead_back_in(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        join: Join,
        do_jobs: DoJobs,
        mailbox: Mailbox,
        how: str,
    ) -> None:
        guest = await new_person()
        token = await invited(ask, person, guest.email, do_jobs, mailbox, "admin")
        await join(guest, person.organization_id, "viewer")
        path = f"/users/{guest.user_id}"
        if how == "removed":
            await ask("DELETE", path, None, person.bearer)
        else:
            await ask("PATCH", path, {"is_active": False}, person.bearer)
        assert (await ask("POST", "/invitations/accept", {"token": token})).status == 401
        here = {**guest.bearer, "X-Organization-ID": person.organization_id}
        assert (await ask("GET", "/auth/me", None, here)).status == 403

    async def test_a_link_changes_nothing_for_who_is_in_already(
        self,
        ask: Client,
        person: Person,
        new_person: NewPerson,
        join: Join,
        do_jobs: DoJobs,
        mailbox: Mailbox,
    ) -> None:
        guest = await new_person()
        token = await invited(ask, person, guest.email, do_jobs, mailbox, "viewer")
        await join(guest, person.organization_id, "admin")
        assert (await ask("POST", "/invitations/accept", {"token": token})).status == 200
        here = {**guest.bearer, "X-Organization-ID": person.organization_id}
        assert (await ask("GET", "/auth/me", None, here)).body["role"] == "admin"


class TestRevoke:
    async def test_its_link_is_of_no_use(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        token = await invited(ask, person, address(), do_jobs, mailbox)
        page = await ask("GET", "/invitations", None, person.bearer)
        assert page.body["total"] == 1
        path = f"/invitations/{page.body['items'][0]['id']}"
        assert (await ask("DELETE", path, None, person.bearer)).status == 204
        body = {"token": token, "full_name": "Ann", "password": STRONG}
        assert (await ask("POST", "/invitations/accept", body)).status == 401
        assert (await ask("GET", "/invitations", None, person.bearer)).body["items"] == []

    async def test_anothers_is_answered_like_one_that_does_not_exist(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        made = await ask("POST", "/invitations", {"email": address(), "role": "viewer"}, other.bearer)
        answers = [
            await ask("DELETE", f"/invitations/{wanted}", None, person.bearer)
            for wanted in (made.body["id"], "inv_none")
        ]
        for answer in answers:
            for different in ("request_id", "timestamp"):
                del answer.body["error"][different]
        assert answers[0].status == answers[1].status == 404
        assert answers[0].body == answers[1].body

    async def test_a_new_invitation_replaces_the_one_before(
        self, ask: Client, person: Person, do_jobs: DoJobs, mailbox: Mailbox, again: Again
    ) -> None:
        email = address()
        old = await invited(ask, person, email, do_jobs, mailbox)
        new = await invited(ask, person, email, do_jobs, mailbox, "manager")
        body = {"full_name": "Ann", "password": STRONG}
        statuses = [
            (await ask("POST", "/invitations/accept", {**body, "token": token})).status
            for token in (old, new)
        ]
        assert statuses == [401, 200]
