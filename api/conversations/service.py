"""What owners see of conversations, and leads of their own."""

from psycopg.rows import DictRow

from api.conversations import repository
from api.conversations.schemas import (
    ConversationHead,
    ConversationList,
    ConversationStanding,
    Transcript,
    TranscriptMessage,
)
from core.database import Claims, Database
from core.errors import NotFound
from core.security.principal import Principal


async def page(
    database: Database,
    principal: Principal,
    *,
    campaign_id: str | None,
    stage: str | None,
    qualified: bool | None,
    limit: int,
    offset: int,
) -> ConversationList:
    """A page of the organization's conversations."""
    async with database.transaction(Claims.for_organization(principal.organization_id)) as connection:
        found, total = await repository.page(
            connection,
            campaign_id=campaign_id,
            stage=stage,
            qualified=qualified,
            limit=limit,
            offset=offset,
        )
    return ConversationList(conversations=found, total=total, has_more=offset + len(found) < total)


async def transcript(database: Database, principal: Principal, conversation_id: str) -> Transcript:
    """Everything said in one conversation; raises `core.errors.NotFound`."""
    async with database.transaction(Claims.for_organization(principal.organization_id)) as connection:
        row = _found(await repository.conversation(connection, conversation_id), conversation_id)
        rows = await (await repository.messages(connection, conversation_id)).fetchall()
    return Transcript(
        conversation=ConversationHead(id=row["id"], instagram_handle=f"@{row['handle']}"),
        messages=[
            TranscriptMessage(
                role=m["role"], content=m["content"], timestamp=m["created_at"], metadata=m["metadata"]
            )
            for m in rows
        ],
    )


async def standing(database: Database, claims: Claims, thread_id: str) -> ConversationStanding:
    """Where one conversation stands; raises `core.errors.NotFound`."""
    async with database.transaction(claims) as connection:
        row = _found(await repository.conversation(connection, thread_id), thread_id)
        last = await repository.last_words(connection, thread_id)
    fields = row["fields"]
    return ConversationStanding(
        thread_id=row["id"],
        current_stage=row["stage"],
        qualified=row["qualified"],
        qualification_score=round(row["qualification_score"], 3),
        questions_asked=row["questions_asked"],
        business_type=_text(fields.get("business_type")),
        monthly_revenue=_money(fields.get("monthly_revenue")),
        fields=fields,
        last_message=last,
        next_prompt=row["next_prompt"],
    )


def _found(row: DictRow | None, conversation_id: str) -> DictRow:
    if row is None:
        raise NotFound("No such conversation.", details={"thread_id": conversation_id})
    return row


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _money(value: object) -> str | None:
    """``5000`` as ``$5K``; words stay words."""
    if not isinstance(value, int | float):
        return _text(value)
    for size, sign in ((1_000_000, "M"), (1_000, "K")):
        if value >= size:
            return f"${value / size:g}{sign}"
    return f"${value:g}"
