"""Figures agree with the rows, whatever happened in between."""

import asyncio
from datetime import timedelta
from random import Random

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import Claims, Database
from tests.api.analytics.history import History
from tests.api.analytics.recount import kept, recounted
from tests.api.conftest import Api, NewOrganization

KINDS = ("click", "begin", "turn", "turn", "turn", "pay", "give_back", "tell_again", "delete", "move")
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 5000), st.integers(0, 5000)), min_size=5, max_size=40
)


class TestRecount:
    @settings(
        max_examples=60,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps=STEPS)
    async def test_a_random_history_counts_as_its_rows_do(
        self,
        api: Api,
        database: Database,
        new_organization: NewOrganization,
        steps: list[tuple[str, int, int]],
    ) -> None:
        history = History(database, await new_organization(), api.parts.playbooks)
        for kind, a, b in [("begin", 0, 0), ("begin", 1, 1), *steps]:
            await history.step(kind, a, b)
        assert await kept(database, history.organization.id) == await recounted(
            database, history.organization.id
        )

    async def test_many_histories_at_once_count_as_their_rows_do(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        """Also while the days become others."""
        organization = await new_organization()
        seeded = Random(7)

        async def happen(history: History) -> None:
            for _ in range(40):
                kind = seeded.choice(("begin", *KINDS))
                await history.step(kind, seeded.randrange(5000), seeded.randrange(5000))

        await asyncio.gather(
            *(happen(History(database, organization, api.parts.playbooks)) for _ in range(8))
        )
        assert await kept(database, organization.id) == await recounted(database, organization.id)

    async def test_counting_anew_changes_nothing(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        history = History(database, await new_organization(), api.parts.playbooks)
        for n in range(60):
            for kind in ("begin", "click", "turn", "pay", "give_back"):
                await history.step(kind, n * 7, n * 5)
        before = await kept(database, history.organization.id)
        async with await psycopg.AsyncConnection.connect(database.conninfo) as connection:
            await connection.execute("select app.recount_figures(%s)", (history.organization.id,))
        assert await kept(database, history.organization.id) == before


class TestBusyCampaign:
    async def test_turns_of_one_campaign_wait_for_nobody(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        """A turn that has not committed keeps no other from counting."""
        history = History(database, await new_organization(), api.parts.playbooks)
        for n in range(6):
            await history.step("begin", n, 0)
        statement = "update conversations set total_messages = total_messages + 2 where id = %s"
        async with asyncio.timeout(10):
            await self._nested(database, history, statement, list(history.conversations))
        rows = await database.fetch(
            history.claims, "select count(*) as n, sum(messages)::int as m from campaign_days"
        )
        assert rows[0]["m"] == 6 + 12
        assert rows[0]["n"] <= 6

    async def _nested(self, database: Database, history: History, statement: str, rest: list[str]) -> None:
        """Every transaction is open while the next one counts."""
        if rest:
            async with database.transaction(history.claims) as connection:
                await connection.execute(statement, (rest[0],))
                await self._nested(database, history, statement, rest[1:])

    async def test_an_ordinary_turn_touches_one_row(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        history = History(database, await new_organization(), api.parts.playbooks)
        await history.step("begin", 0, 0)
        async with database.transaction(history.claims) as connection:
            await connection.execute(
                "update conversations set total_messages = total_messages + 2, open_field = 'business_type',"
                ' fields = \'{"coaching_area": "fitness"}\' where id = %s',
                (history.conversations[0],),
            )
            touched = "select (select count(*) from campaign_days where xmin::text = x.id) as days,"
            touched += " (select count(*) from campaign_parts where xmin::text = x.id) as parts,"
            touched += " (select count(*) from campaign_totals where xmin::text = x.id) as totals"
            touched += " from (select pg_current_xact_id()::text as id) x"
            row = (await (await connection.execute(touched)).fetchall())[0]
        assert (row["days"], row["parts"], row["totals"]) == (1, 0, 0)


class TestDays:
    async def test_each_event_counts_on_its_own_day_in_the_organization_s_time_zone(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        history = History(database, await new_organization(), api.parts.playbooks)
        await history.step("begin", 0, 0)
        await history.step("pay", 1, 2)
        rows = await database.fetch(history.claims, "select day from campaign_days where conversions = 1")
        paid = (await database.fetch(history.claims, "select paid_at from payments"))[0]["paid_at"]
        assert rows[0]["day"] == paid.date()
        await history.step("move", 0, 3)
        rows = await database.fetch(history.claims, "select day from campaign_days where conversions = 1")
        assert rows[0]["day"] == (paid + timedelta(hours=13)).date()

    async def test_a_time_zone_that_does_not_exist_is_refused(
        self, database: Database, new_organization: NewOrganization
    ) -> None:
        organization = await new_organization()
        with pytest.raises(psycopg.errors.InvalidParameterValue):
            async with database.transaction(Claims.for_organization(organization.id)) as connection:
                await connection.execute(
                    "update organizations set time_zone = 'Mars/Olympus' where id = %s", (organization.id,)
                )

    async def test_an_organization_that_goes_takes_its_figures_along(
        self, api: Api, database: Database, new_organization: NewOrganization
    ) -> None:
        history = History(database, await new_organization(), api.parts.playbooks)
        for kind, a, b in (
            ("click", 0, 0),
            ("begin", 0, 0),
            ("turn", 0, 1),
            ("pay", 0, 2),
            ("give_back", 0, 0),
        ):
            await history.step(kind, a, b)
        async with database.transaction(history.claims) as connection:
            await connection.execute("delete from organizations where id = %s", (history.organization.id,))
        for table in ("campaign_totals", "campaign_days", "campaign_parts", "payments", "checkouts"):
            assert await database.fetch(history.claims, f"select from {table}") == []
