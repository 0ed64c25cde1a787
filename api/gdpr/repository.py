"""Requests, archives and consents. The connection's claims are a person's or a lead's."""

from collections.abc import Sequence

from psycopg.rows import DictRow

from api.gdpr.schemas import ConsentChange
from core.database.pool import Connection
from core.identifiers import new_id


async def ask(
    connection: Connection,
    organization_id: str,
    kind: str,
    subject: str,
    subject_ids: Sequence[str],
    requested_by: str | None,
) -> tuple[str, bool]:
    """The id of a request, and whether it is a new one: the same that still waits is not asked twice."""
    cursor = await connection.execute(
        "insert into privacy_requests (id, organization_id, kind, subject, subject_ids, requested_by)"
        " values (%s, %s, %s, %s, %s, %s)"
        " on conflict (organization_id, kind, subject_ids) where status = 'queued'"
        " do update set kind = excluded.kind returning id, xmax = 0 as fresh",
        (new_id("gdpr"), organization_id, kind, subject, list(subject_ids), requested_by),
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - an insert that returns
    return row["id"], row["fresh"]


async def request(connection: Connection, request_id: str) -> DictRow | None:
    """One request."""
    cursor = await connection.execute("select * from privacy_requests where id = %s", (request_id,))
    return await cursor.fetchone()


async def requests(connection: Connection, most: int) -> list[DictRow]:
    """The newest requests."""
    cursor = await connection.execute(
        "select * from privacy_requests order by created_at desc, id desc limit %s", (most,)
    )
    return await cursor.fetchall()


async def archive(connection: Connection, request_id: str) -> bytes | None:
    """What an export made, while it is kept."""
    cursor = await connection.execute(
        "select content from privacy_archives where request_id = %s and expires_at > now()", (request_id,)
    )
    row = await cursor.fetchone()
    return bytes(row["content"]) if row else None


async def conversations_of(connection: Connection, handle: str) -> list[str]:
    """The conversations under a handle."""
    cursor = await connection.execute("select id from conversations where handle = %s order by id", (handle,))
    return [row["id"] for row in await cursor.fetchall()]


async def conversation_exists(connection: Connection, conversation_id: str) -> bool:
    """Whether the connection sees this conversation; nobody deletes it before the transaction has ended."""
    cursor = await connection.execute(
        "select from conversations where id = %s for key share", (conversation_id,)
    )
    return await cursor.fetchone() is not None


async def forget_visitor(connection: Connection, conversation_id: str, visitor: str) -> None:
    """Visits of the conversation's campaign go on counting, as those of nobody who is known."""
    await connection.execute(
        "update visits v set visitor = sha256(convert_to(gen_random_uuid()::text, 'UTF8'))"
        " from conversations c where c.id = %s and v.campaign_id = c.campaign_id"
        " and v.visitor = decode(%s, 'hex')",
        (conversation_id, visitor),
    )


async def is_member(connection: Connection, user_id: str) -> bool:
    """Whether the person belongs to the connection's organization."""
    cursor = await connection.execute(
        "select from memberships where user_id = %s and organization_id = app.staff_organization_id()",
        (user_id,),
    )
    return await cursor.fetchone() is not None


async def only_admin_of(connection: Connection) -> list[str]:
    """Organizations that the connection's user is the only active admin of."""
    cursor = await connection.execute("select * from app.only_admin_of()")
    return [row["id"] for row in await cursor.fetchall()]


async def belongs_elsewhere(connection: Connection, user_id: str) -> bool:
    """Whether the person belongs to other organizations than the connection's."""
    cursor = await connection.execute("select app.belongs_elsewhere(%s) as elsewhere", (user_id,))
    row = await cursor.fetchone()
    return row is not None and row["elsewhere"]


async def insert_consent(
    connection: Connection, organization_id: str | None, who: str, subject_id: str, given: ConsentChange
) -> None:
    """Write down what was agreed to; what was before stays in the history."""
    await connection.execute(
        "insert into consents (id, organization_id, subject, subject_id, marketing, analytics)"
        " values (%s, %s, %s, %s, %s, %s)",
        (new_id("consent"), organization_id, who, subject_id, given.marketing, given.analytics),
    )


async def consents(connection: Connection, subject: str, subject_id: str) -> list[DictRow]:
    """What was agreed to, the newest first."""
    cursor = await connection.execute(
        "select marketing, analytics, created_at from consents where subject = %s and subject_id = %s"
        " order by created_at desc, id desc limit 100",
        (subject, subject_id),
    )
    return await cursor.fetchall()
