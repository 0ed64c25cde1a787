"""Figures, read from what the database has counted already."""

from dataclasses import dataclass
from datetime import date

from psycopg import AsyncCursor, sql
from psycopg.rows import DictRow

from core.database.pool import Connection

NEWEST_GAPS = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """Which figures: an organization's, of one campaign or of all, on the days from ``start`` to ``end``."""

    organization_id: str
    campaign_id: str | None
    start: date
    end: date

    @property
    def where(self) -> sql.Composed:
        """The condition, on a table of figures."""
        of_campaign = sql.SQL("" if self.campaign_id is None else "campaign_id = {} and ").format(
            sql.Literal(self.campaign_id)
        )
        return sql.SQL("{}organization_id = {} and day between {} and {}").format(
            of_campaign, sql.Literal(self.organization_id), sql.Literal(self.start), sql.Literal(self.end)
        )


async def clock(connection: Connection) -> DictRow:
    """``organization_id``, its ``time_zone``, ``today`` there, and when today began."""
    cursor = await connection.execute(
        "select id as organization_id, time_zone, (now() at time zone time_zone)::date as today,"
        " date_trunc('day', now() at time zone time_zone) at time zone time_zone as midnight"
        " from organizations where id = app.staff_organization_id()"
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - who asks belongs to one
    return row


async def first_day(connection: Connection, organization_id: str, campaign_id: str | None) -> date | None:
    """The first day with a figure."""
    one = sql.SQL("campaign_id = {}").format(sql.Literal(campaign_id)) if campaign_id else sql.SQL("true")
    cursor = await connection.execute(
        sql.SQL("select min(day) as day from campaign_days where organization_id = {} and {}").format(
            sql.Literal(organization_id), one
        )
    )
    row = await cursor.fetchone()
    return None if row is None else row["day"]


async def days(connection: Connection, scope: Scope) -> AsyncCursor[DictRow]:
    """The counts of each day that has any."""
    return await connection.execute(
        sql.SQL(
            "select day, sum(clicks)::bigint as clicks, sum(conversations)::bigint as conversations,"
            " sum(messages)::bigint as messages, sum(qualified)::bigint as qualified,"
            " sum(qualification_s)::bigint as qualification_s, sum(conversions)::bigint as conversions"
            " from campaign_days where {} group by day order by day"
        ).format(scope.where)
    )


async def marks(connection: Connection, scope: Scope) -> AsyncCursor[DictRow]:
    """How many of the conversations that began on these days bear each mark."""
    return await connection.execute(
        sql.SQL(
            "select m.key, sum(m.value::bigint)::bigint as n from campaign_days, jsonb_each_text(marks) m"
            " where {} group by m.key having sum(m.value::bigint) <> 0"
        ).format(scope.where)
    )


async def parts(connection: Connection, scope: Scope) -> AsyncCursor[DictRow]:
    """The same by source, offer and objection."""
    return await connection.execute(
        sql.SQL(
            "select dimension, key, currency, sum(clicks)::bigint as clicks,"
            " sum(conversations)::bigint as conversations, sum(qualified)::bigint as qualified,"
            " sum(conversions)::bigint as conversions, sum(payments)::bigint as payments,"
            " sum(revenue)::bigint as revenue, sum(refunded)::bigint as refunded"
            " from campaign_parts where {} and dimension <> 'total' group by dimension, key, currency"
        ).format(scope.where)
    )


async def money(connection: Connection, scope: Scope) -> AsyncCursor[DictRow]:
    """What came in and what went back, by day and currency."""
    return await connection.execute(
        sql.SQL(
            "select day, currency, sum(payments)::bigint as payments, sum(revenue)::bigint as revenue,"
            " sum(refunded)::bigint as refunded from campaign_parts where {} and dimension = 'total'"
            " group by day, currency"
        ).format(scope.where)
    )


async def unanswered(connection: Connection, scope: Scope, time_zone: str) -> AsyncCursor[DictRow]:
    """Questions that no document answered, after which the lead was lost: nothing, or no sale, came of it.

    Of the newest questions without an answer, as many as are looked at quickly.
    """
    one = sql.SQL("" if scope.campaign_id is None else "campaign_id = {} and").format(
        sql.Literal(scope.campaign_id)
    )
    return await connection.execute(
        sql.SQL(
            "select min(question) as question, count(*) as count, max(g.created_at) as last_asked_at from ("
            " select question, conversation_id, created_at from knowledge_gaps"
            " where {} organization_id = {} and created_at >= ({}::date)::timestamp at time zone {}"
            "  and created_at < ({}::date + 1)::timestamp at time zone {}"
            " order by created_at desc limit {}) g"
            " join conversations v on v.id = g.conversation_id"
            " where v.converted_at is null and v.last_message_at < g.created_at + interval '15 minutes'"
            "  and (v.stage = 'disqualified' or v.last_message_at < now() - interval '1 day')"
            " group by lower(question) order by count(*) desc, max(g.created_at) desc limit 10"
        ).format(
            one,
            sql.Literal(scope.organization_id),
            sql.Literal(scope.start),
            sql.Literal(time_zone),
            sql.Literal(scope.end),
            sql.Literal(time_zone),
            sql.Literal(NEWEST_GAPS),
        )
    )


async def standing_today(
    connection: Connection, organization_id: str, midnight: object
) -> AsyncCursor[DictRow]:
    """How many campaigns there are, and how many conversations had a message today."""
    return await connection.execute(
        "select (select count(*) from campaigns where organization_id = %(org)s) as campaigns,"
        " (select count(*) from conversations where organization_id = %(org)s"
        "  and last_message_at >= %(since)s) as active",
        {"org": organization_id, "since": midnight},
    )


async def recent_conversions(
    connection: Connection, organization_id: str, campaign_id: str | None
) -> AsyncCursor[DictRow]:
    """The newest purchases."""
    one = sql.SQL("" if campaign_id is None else "and p.campaign_id = {}").format(sql.Literal(campaign_id))
    return await connection.execute(
        sql.SQL(
            "select p.offer_id, p.offer_name, p.amount, p.currency, p.status, p.test, p.paid_at, v.handle,"
            " k.code"
            " from payments p join campaigns k on k.id = p.campaign_id"
            " left join conversations v on v.id = p.conversation_id"
            " where p.organization_id = {} {} and p.converts order by p.paid_at desc, p.id desc limit 10"
        ).format(sql.Literal(organization_id), one)
    )


async def alerts(connection: Connection, organization_id: str) -> AsyncCursor[DictRow]:
    """The newest things to look at."""
    return await connection.execute(
        "select id, type, severity, message, details, created_at from alerts"
        " where organization_id = %s order by created_at desc limit 10",
        (organization_id,),
    )
