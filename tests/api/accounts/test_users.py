"""`/api/v1/users`."""

import asyncio

import psycopg
import pytest

from tests.api.accounts.conftest import Join, NewPerson
from tests.api.accounts.people import PASSWORD, Answer, Client, Person
from tests.api.accounts.test_registration import STRONG, address, signs_in


def plain(answer: Answer) -> object:
    """An error without what differs every time."""
    error = answer.body["error"]
    return answer.status, {k: v for k, v in error.items() if k not in ("request_id", "timestamp")}


class TestCreateUser:
    async def test_makes_an_account_that_signs_in(self, ask: Client, person: Person) -> None:
        body = {"email": address(), "full_name": "New User", "role": "analyst", "password": STRONG}
        made = await ask("POST", "/users", body, person.bearer)
        assert made.status == 201
        assert made.body["id"].startswith("user_")
        assert (made.body["tenant_id"], made.body["is_active"]) == (person.organization_id, True)
        assert STRONG not in str(made.body)
        assert await signs_in(ask, body["email"], STRONG)

    async def test_an_address_with_an_account_is_not_taken_over(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        body = {"email": other.email, "full_name": "Mine now", "role": "viewer", "password": STRONG}
        assert (await ask("POST", "/users", body, person.bearer)).status == 409
        assert await signs_in(ask, other.email, PASSWORD)

    @pytest.mark.parametrize(
        "change",
        [
            {"role": "superadmin"},
            {"role": "owner"},
            {"org_id": "org_other"},
            {"organization_id": "org_other"},
            {"tenant_id": "org_other"},
            {"password_hash": "x"},
            {"id": "user_1"},
        ],
    )
    async def test_no_field_smuggles_a_role_or_an_organization(
        self, ask: Client, person: Person, change: dict[str, str]
    ) -> None:
        body = {"email": address(), "full_name": "New User", "role": "viewer", "password": STRONG, **change}
        answer = await ask("POST", "/users", body, person.bearer)
        assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")

    async def test_no_more_than_the_organization_may_have(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        postgres_of.execute("update organizations set max_users = 1 where id = %s", (person.organization_id,))
        body = {"email": address(), "full_name": "New User", "role": "viewer", "password": STRONG}
        assert (await ask("POST", "/users", body, person.bearer)).status == 409


class TestListUsers:
    async def test_pages_and_filters(self, ask: Client, person: Person, new_person: NewPerson) -> None:
        for role in ("viewer", "viewer", "analyst"):
            await new_person(role, person.organization_id)
        page = (await ask("GET", "/users?limit=3", None, person.bearer)).body
        assert (page["total"], page["pages"], page["has_next"], page["has_prev"]) == (4, 2, True, False)
        last = (await ask("GET", "/users?limit=3&page=2", None, person.bearer)).body
        assert [one["id"] for one in last["items"]] == [person.user_id]
        assert (last["has_next"], last["has_prev"]) == (False, True)
        viewers = (await ask("GET", "/users?role=viewer", None, person.bearer)).body
        assert viewers["total"] == 2
        assert (await ask("GET", "/users?is_active=false", None, person.bearer)).body["items"] == []

    async def test_shows_nobody_of_another_organization(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        other = await new_person()
        await join(person, other.organization_id, "viewer")
        page = (await ask("GET", "/users", None, person.bearer)).body
        assert [(one["id"], one["role"]) for one in page["items"]] == [(person.user_id, "admin")]

    @pytest.mark.parametrize("query", ["page=0", "limit=0", "limit=1000", "role=owner", "is_active=maybe"])
    async def test_bad_input(self, ask: Client, person: Person, query: str) -> None:
        assert (await ask("GET", f"/users?{query}", None, person.bearer)).status == 422


class TestGetUser:
    async def test_anothers_is_answered_like_one_that_does_not_exist(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        other = await new_person()
        for method, body in (("GET", None), ("PATCH", {"role": "viewer"}), ("DELETE", None)):
            foreign = await ask(method, f"/users/{other.user_id}", body, person.bearer)
            missing = await ask(method, "/users/user_none", body, person.bearer)
            assert foreign.status == 404
            assert plain(foreign) == plain(missing)
        assert (await ask("GET", "/auth/me", None, other.bearer)).status == 200


class TestChangeUser:
    async def test_a_role_counts_from_the_next_request_on(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        viewer = await new_person("viewer", person.organization_id)
        body = {"email": address(), "role": "viewer"}
        assert (await ask("POST", "/invitations", body, viewer.bearer)).status == 403
        changed = await ask("PATCH", f"/users/{viewer.user_id}", {"role": "admin"}, person.bearer)
        assert changed.body["role"] == "admin"
        assert (await ask("POST", "/invitations", body, viewer.bearer)).status == 201

    async def test_deactivating_ends_sessions_at_once(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        viewer = await new_person("viewer", person.organization_id)
        path = f"/users/{viewer.user_id}"
        assert (await ask("PATCH", path, {"is_active": False}, person.bearer)).body["is_active"] is False
        assert (await ask("GET", "/auth/me", None, viewer.bearer)).status == 401
        assert not await signs_in(ask, viewer.email, PASSWORD)
        assert (await ask("PATCH", path, {"is_active": True}, person.bearer)).body["is_active"] is True
        assert (await ask("GET", "/auth/me", None, viewer.bearer)).status == 200

    async def test_the_name_of_somebody_with_other_organizations_is_theirs(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        guest = await new_person()
        await join(guest, person.organization_id, "viewer")
        path = f"/users/{guest.user_id}"
        assert (await ask("PATCH", path, {"full_name": "Renamed"}, person.bearer)).status == 409
        assert (await ask("GET", path, None, person.bearer)).body["full_name"] == "Pat Person"

    @pytest.mark.parametrize("change", [{"role": "viewer"}, {"is_active": False}])
    async def test_the_last_admin_stays(
        self, ask: Client, person: Person, new_person: NewPerson, change: dict[str, object]
    ) -> None:
        await new_person("manager", person.organization_id)
        answer = await ask("PATCH", f"/users/{person.user_id}", change, person.bearer)
        assert (answer.status, answer.code) == (409, "CONFLICT")

    async def test_of_two_admins_going_at_once_one_stays(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        second = await new_person("admin", person.organization_id)
        answers = await asyncio.gather(
            *(
                ask("PATCH", f"/users/{one.user_id}", {"role": "viewer"}, one.bearer)
                for one in (person, second)
            )
        )
        assert sorted(answer.status for answer in answers) == [200, 409]

    @pytest.mark.parametrize("change", [{"role": "superadmin"}, {"email": "a@b.co"}, {"password": STRONG}])
    async def test_no_field_smuggles_more(self, ask: Client, person: Person, change: dict[str, str]) -> None:
        assert (await ask("PATCH", f"/users/{person.user_id}", change, person.bearer)).status == 422

    async def test_an_admin_does_not_touch_a_superadmin(
        self, ask: Client, person: Person, new_person: NewPerson
    ) -> None:
        above = await new_person("superadmin", person.organization_id)
        path = f"/users/{above.user_id}"
        assert (await ask("PATCH", path, {"role": "viewer"}, person.bearer)).status == 409
        assert (await ask("DELETE", path, None, person.bearer)).status == 409


class TestDeleteUser:
    async def test_an_account_of_no_other_organization_goes(
        self, ask: Client, person: Person, new_person: NewPerson, postgres_of: psycopg.Connection
    ) -> None:
        viewer = await new_person("viewer", person.organization_id)
        assert (await ask("DELETE", f"/users/{viewer.user_id}", None, person.bearer)).status == 204
        assert (await ask("GET", "/auth/me", None, viewer.bearer)).status == 401
        assert not await signs_in(ask, viewer.email, PASSWORD)
        rows = postgres_of.execute("select from users where id = %s", (viewer.user_id,)).fetchall()
        assert rows == []

    async def test_an_account_of_another_one_stays_there(
        self, ask: Client, person: Person, new_person: NewPerson, join: Join
    ) -> None:
        guest = await new_person()
        await join(guest, person.organization_id, "viewer")
        assert (await ask("DELETE", f"/users/{guest.user_id}", None, person.bearer)).status == 204
        assert (await ask("GET", "/auth/me", None, guest.bearer)).status == 200

    async def test_the_last_admin_stays(self, ask: Client, person: Person) -> None:
        assert (await ask("DELETE", f"/users/{person.user_id}", None, person.bearer)).status == 409
