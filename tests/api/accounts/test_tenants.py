"""`/api/v1/tenants`."""

import psycopg
import pytest

from core.identifiers import new_id
from tests.api.accounts.conftest import DoJobs, NewPerson
from tests.api.accounts.people import Client, Mailbox, Person
from tests.api.accounts.test_registration import STRONG, address
from tests.api.accounts.test_users import plain


def slug() -> str:
    """One that is free."""
    return new_id("acme").replace("_", "-")


@pytest.fixture
async def superadmin(new_person: NewPerson) -> Person:
    """Somebody who sees every organization."""
    return await new_person("superadmin")


class TestSuperadmin:
    async def test_makes_an_organization_whose_admin_is_invited(
        self, ask: Client, superadmin: Person, do_jobs: DoJobs, mailbox: Mailbox
    ) -> None:
        email = address()
        wanted = {
            "name": "Acme Corp",
            "slug": slug(),
            "plan": "professional",
            "max_users": 10,
            "max_campaigns": 100,
        }
        made = await ask("POST", "/tenants", {**wanted, "admin_email": email}, superadmin.bearer)
        assert made.status == 201
        assert {key: made.body[key] for key in wanted} == wanted
        await do_jobs()
        body = {"token": mailbox.token(email), "full_name": "Ada Admin", "password": STRONG}
        assert (await ask("POST", "/invitations/accept", body)).body["organization_id"] == made.body["id"]
        signed_in = await ask("POST", "/auth/login", {"email": email, "password": STRONG})
        assert signed_in.body["user"]["role"] == "admin"

    async def test_sees_and_changes_every_one(self, ask: Client, superadmin: Person, person: Person) -> None:
        page = await ask("GET", "/tenants?limit=200", None, superadmin.bearer)
        assert person.organization_id in [one["id"] for one in page.body["items"]]
        path = f"/tenants/{person.organization_id}"
        changed = await ask("PATCH", path, {"plan": "enterprise", "max_users": 3}, superadmin.bearer)
        assert (changed.body["plan"], changed.body["max_users"]) == ("enterprise", 3)
        assert (await ask("PATCH", path, {"max_users": None}, superadmin.bearer)).body["max_users"] is None

    async def test_a_deactivated_organization_is_closed_to_its_people(
        self, ask: Client, superadmin: Person, person: Person
    ) -> None:
        path = f"/tenants/{person.organization_id}"
        await ask("PATCH", path, {"is_active": False}, superadmin.bearer)
        assert (await ask("GET", "/auth/me", None, person.bearer)).status == 401

    async def test_a_slug_is_taken_once(self, ask: Client, superadmin: Person) -> None:
        body = {"name": "Acme", "slug": slug()}
        statuses = [(await ask("POST", "/tenants", body, superadmin.bearer)).status for _ in range(2)]
        assert statuses == [201, 409]

    @pytest.mark.parametrize(
        "change", [{"slug": "Not A Slug"}, {"slug": ""}, {"name": ""}, {"max_users": 0}, {"id": "org_1"}]
    )
    async def test_bad_input(self, ask: Client, superadmin: Person, change: dict[str, object]) -> None:
        answer = await ask("POST", "/tenants", {"name": "Acme", "slug": slug(), **change}, superadmin.bearer)
        assert answer.status == 422


class TestEverybodyElse:
    async def test_sees_their_own_alone(self, ask: Client, person: Person, new_person: NewPerson) -> None:
        other = await new_person()
        own = await ask("GET", f"/tenants/{person.organization_id}", None, person.bearer)
        assert (own.body["id"], own.body["users"]) == (person.organization_id, 1)
        for method, body in (("GET", None), ("PATCH", {"name": "Mine"})):
            foreign = await ask(method, f"/tenants/{other.organization_id}", body, person.bearer)
            missing = await ask(method, "/tenants/org_none", body, person.bearer)
            assert foreign.status == 404
            assert plain(foreign) == plain(missing)

    async def test_lists_and_makes_none(self, ask: Client, person: Person) -> None:
        assert (await ask("GET", "/tenants", None, person.bearer)).status == 403
        body = {"name": "Acme", "slug": slug()}
        assert (await ask("POST", "/tenants", body, person.bearer)).status == 403

    async def test_an_admin_changes_the_name_and_nothing_else(self, ask: Client, person: Person) -> None:
        path = f"/tenants/{person.organization_id}"
        assert (await ask("PATCH", path, {"name": "Renamed"}, person.bearer)).body["name"] == "Renamed"
        for change in ({"plan": "enterprise"}, {"max_users": 1000}, {"slug": slug()}, {"is_active": True}):
            assert (await ask("PATCH", path, change, person.bearer)).status == 403


class TestTimeZone:
    async def test_is_the_admin_s_to_choose_and_moves_the_days(
        self, ask: Client, person: Person, postgres_of: psycopg.Connection
    ) -> None:
        path = f"/tenants/{person.organization_id}"
        assert (await ask("GET", path, None, person.bearer)).body["time_zone"] == "UTC"
        postgres_of.execute(
            "insert into campaigns (id, organization_id, code, name) values (%s, %s, upper(%s), 'Ads')",
            (f"camp_{person.user_id}", person.organization_id, person.user_id[-12:]),
        )
        postgres_of.execute(
            "insert into visits (organization_id, campaign_id, day, visitor, created_at)"
            " values (%s, %s, '2026-03-10', 'x', '2026-03-10 22:30Z')",
            (person.organization_id, f"camp_{person.user_id}"),
        )
        changed = await ask("PATCH", path, {"time_zone": "Pacific/Auckland"}, person.bearer)
        assert (changed.status, changed.body["time_zone"]) == (200, "Pacific/Auckland")
        found = postgres_of.execute(
            "select day::text from campaign_days where organization_id = %s", (person.organization_id,)
        ).fetchall()
        assert found == [("2026-03-11",)]

    @pytest.mark.parametrize("zone", ["Mars/Olympus", "", "../etc/passwd", "utc+1"])
    async def test_that_does_not_exist_is_refused(self, ask: Client, person: Person, zone: str) -> None:
        answer = await ask("PATCH", f"/tenants/{person.organization_id}", {"time_zone": zone}, person.bearer)
        assert (answer.status, answer.body["error"]["code"]) == (422, "VALIDATION_ERROR")
