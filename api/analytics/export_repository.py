"""Pages of rows for export, each beginning behind the one before."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from psycopg import sql
from psycopg.rows import DictRow

from core.database.pool import Connection

PAGE = 1000
Source = Literal["conversations", "payments"]

_SELECT: dict[Source, sql.SQL] = {
    "conversations": sql.SQL(
        "select r.*, r.created_at as moment, k.code from conversations r"
        " join campaigns k on k.id = r.campaign_id"
    ),
    "payments": sql.SQL(
        "select r.*, r.paid_at as moment, k.code, v.handle from payments r"
        " join campaigns k on k.id = r.campaign_id left join conversations v on v.id = r.conversation_id"
    ),
}
_MOMENT: dict[Source, sql.SQL] = {"conversations": sql.SQL("r.created_at"), "payments": sql.SQL("r.paid_at")}


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows: an organization's, of one campaign, of days in its time zone."""

    organization_id: str
    campaign_id: str | None
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class After:
    """Where a page ended."""

    moment: datetime
    id: str


async def page(connection: Connection, source: Source, wanted: Filter, after: After | None) -> list[DictRow]:
    """The next rows, oldest first."""
    moment = _MOMENT[source]
    zone = sql.SQL("(select time_zone from organizations where id = %(organization)s)")
    conditions: list[sql.Composable] = [sql.SQL("r.organization_id = %(organization)s")]
    if wanted.campaign_id is not None:
        conditions.append(sql.SQL("r.campaign_id = %(campaign)s"))
    if wanted.start is not None:
        conditions.append(sql.SQL("{} >= %(start)s::date::timestamp at time zone {}").format(moment, zone))
    if wanted.end is not None:
        conditions.append(sql.SQL("{} < (%(end)s::date + 1)::timestamp at time zone {}").format(moment, zone))
    if after is not None:
        conditions.append(sql.SQL("({}, r.id) > (%(moment)s, %(id)s)").format(moment))
    cursor = await connection.execute(
        sql.SQL("{} where {} order by {}, r.id limit {}").format(
            _SELECT[source], sql.SQL(" and ").join(conditions), moment, sql.Literal(PAGE)
        ),
        {
            "organization": wanted.organization_id,
            "campaign": wanted.campaign_id,
            "start": wanted.start,
            "end": wanted.end,
            "moment": after.moment if after else None,
            "id": after.id if after else None,
        },
    )
    return await cursor.fetchall()
