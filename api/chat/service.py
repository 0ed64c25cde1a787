"""A lead's message on its way in, and the reply on its way out."""

import re
import secrets
import string
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import psycopg
from psycopg.rows import DictRow

from agent.checkpoints import TurnCheckpoint
from api.campaigns.standing import refuse_unless_open
from api.chat import repository
from api.chat.events import told_again
from api.chat.relay import Relay
from api.chat.repository import claim_of
from api.chat.runner import TurnRunner, interrupted
from api.chat.schemas import ChatRequest, History, HistoryMessage, RunningTurn
from api.chat.streams import FINAL, Event, EventId, TurnStream, unread
from api.playbooks.service import Playbooks
from core import limits
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import (
    CampaignExpired,
    CampaignNotFound,
    Conflict,
    InvalidToken,
    NotFound,
    Unavailable,
)
from core.identifiers import new_id
from core.security.tokens import LeadSession, LeadSessions
from core.settings import Settings

POLL_S = 0.25
"""How often a turn that runs in another process is looked at."""

_RESET = Event(0, "reset", {"type": "reset"})
_UNGUESSABLE = re.compile(r"^[A-Za-z0-9_-]{22,64}$")
_SUFFIX = string.ascii_lowercase + string.digits


@dataclass(frozen=True, slots=True)
class Campaign:
    """Where a code leads."""

    id: str
    organization_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Accepted:
    """A message that is written down, and who answers it."""

    thread_id: str
    organization_id: str
    campaign: Campaign
    message_id: str
    lead_token: str | None
    """Set when a conversation began."""
    stream: TurnStream | None
    """The turn, when it runs in this process already."""
    headers: dict[str, str] = field(default_factory=dict)


class _Ids(NamedTuple):
    thread: str
    message: str
    turn: str


class Chat:
    """Everything a lead can do."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        sessions: LeadSessions,
        playbooks: Playbooks,
        runner: TurnRunner,
        relay: Relay,
    ) -> None:
        self._database = database
        self._settings = settings
        self._sessions = sessions
        self._playbooks = playbooks
        self._runner = runner
        self._relay = relay
        self._campaigns: dict[str, Campaign] = {}

    async def campaign(self, code: str) -> Campaign:
        """The campaign behind a code; raises `core.errors.CampaignNotFound`."""
        known = self._campaigns.get(code)
        if known is None:
            row = await repository.campaign_by_code(self._database, code)
            if row is None:
                raise CampaignNotFound(
                    f"Campaign code {code} does not exist", details={"campaign_code": code}
                )
            known = self._campaigns[code] = Campaign(row["campaign_id"], row["organization_id"], code)
        return known

    def session(self, token: str | None, campaign: Campaign) -> LeadSession | None:
        """The session of a token for this campaign; raises `core.errors.InvalidToken` for any other."""
        if not token:
            return None
        session = self._sessions.verify(token)
        if session.campaign_id != campaign.id:
            raise InvalidToken("This lead token belongs to another campaign.")
        return session

    def session_of_thread(self, tokens: Sequence[str], thread_id: str) -> LeadSession:
        """The one session among ``tokens`` that may read ``thread_id``.

        Raises `core.errors.InvalidToken` when none of them is good at all, `core.errors.NotFound` when
        they are for other threads.
        """
        faults: list[InvalidToken] = []
        for token in tokens:
            try:
                session = self._sessions.verify(token)
            except InvalidToken as fault:
                faults.append(fault)
                continue
            if session.thread_id == thread_id:
                return session
        if len(faults) == len(tokens):
            raise faults[0]
        raise NotFound("No such conversation.", details={"thread_id": thread_id})

    async def history(self, session: LeadSession) -> History | None:
        """Everything said in the lead's conversation; None when it is gone."""
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        async with self._database.pipeline(claims) as connection:
            cursors = await repository.history(connection, session.thread_id)
        conversation, messages, running = [await cursor.fetchall() for cursor in cursors]
        if not conversation:
            return None
        row = conversation[0]
        return History(
            thread_id=row["id"],
            instagram_handle=f"@{row['handle']}",
            current_stage=row["stage"],
            messages=[
                HistoryMessage(
                    role=m["role"],
                    content=m["content"],
                    timestamp=m["created_at"],
                    message_id=m["client_message_id"],
                )
                for m in messages
            ],
            running=RunningTurn(last_event_id=str(EventId(running[0]["seq"], running[0]["attempt"], 0)))
            if running
            else None,
        )

    async def accept(
        self, request: ChatRequest, token: str | None, address: str, visitor: str | None = None
    ) -> Accepted:
        """Check the limits and the session, and write the message down before anything answers it.

        ``visitor`` is who the browser says it is: a new conversation remembers where that visit came from.
        """
        if self._runner.draining:
            raise Unavailable("This server is shutting down; try again.", headers={"Retry-After": "1"})
        campaign = await self.campaign(request.campaign_code)
        session = self.session(token, campaign)
        headers = await self._count(request, campaign, address)
        if request.thread_id is not None and (session is None or session.thread_id != request.thread_id):
            raise NotFound("No such conversation.", details={"thread_id": request.thread_id})
        if session is not None and (request.thread_id or session.handle == request.instagram_handle):
            return await self._continue(request, campaign, session.thread_id, headers)
        return await self._begin(request, campaign, headers, visitor)

    async def _count(self, request: ChatRequest, campaign: Campaign, address: str) -> dict[str, str]:
        s, handle = self._settings, f"{campaign.id}:{request.instagram_handle}"
        wanted = [
            limits.limit("chat", handle, s.rate_limit_chat),
            limits.limit("chat-address", address, s.rate_limit_chat_address),
            limits.limit("chat-campaign", campaign.id, s.rate_limit_chat_campaign),
        ]
        return dict(await limits.count(self._database, wanted))

    async def _continue(
        self, request: ChatRequest, campaign: Campaign, thread_id: str, headers: dict[str, str]
    ) -> Accepted:
        ids = _Ids(thread_id, new_id("msg"), new_id("turn"))
        claims = Claims.for_lead(campaign.organization_id, thread_id)
        checkpoint = TurnCheckpoint(thread_id, lambda: self._database.pipeline(claims))
        async with self._database.pipeline(claims) as connection:
            acceptance = await self._write(connection, request, ids)
            await checkpoint.ask(connection)
        return await self._accepted(request, campaign, ids, acceptance, headers, checkpoint=checkpoint)

    async def _write(self, connection: Connection, request: ChatRequest, ids: _Ids) -> repository.Acceptance:
        return await repository.accept_message(
            connection,
            conversation_id=ids.thread,
            content=request.message,
            client_message_id=request.message_id,
            message_id=ids.message,
            turn_id=ids.turn,
            runner_id=self._runner.id,
        )

    async def _accepted(
        self,
        request: ChatRequest,
        campaign: Campaign,
        ids: _Ids,
        acceptance: repository.Acceptance,
        headers: dict[str, str],
        *,
        checkpoint: TurnCheckpoint | None = None,
        lead_token: str | None = None,
    ) -> Accepted:
        """What the rows say became of the message; starts its turn when it began one."""
        conversation = await acceptance.conversation.fetchone()
        accepted = await acceptance.accepted.fetchone()
        if conversation is None or accepted is None:
            raise NotFound("No such conversation.", details={"thread_id": ids.thread})
        if accepted["known_id"] is not None and accepted["known_content"] != request.message:
            raise Conflict(
                "This message_id was used for another text.", details={"message_id": request.message_id}
            )
        if accepted["known_id"] is None and accepted["accepted"] is None:
            raise CampaignExpired(
                "This campaign is paused.", details={"campaign_code": campaign.code, "reason": "paused"}
            )
        stream = None
        if accepted["turn_seq"] is not None:
            words = (request.message,)
            stream = self._runner.start(
                claim_of(conversation, ids.turn, accepted["turn_seq"], 1, words, checkpoint)
            )
        return Accepted(
            ids.thread,
            campaign.organization_id,
            campaign,
            accepted["known_id"] or ids.message,
            lead_token,
            stream,
            headers,
        )

    async def _begin(
        self, request: ChatRequest, campaign: Campaign, headers: dict[str, str], visitor: str | None
    ) -> Accepted:
        try:
            return await self._try_to_begin(request, campaign, headers, visitor)
        except psycopg.errors.UniqueViolation:
            # The same first message arrived twice at once; the other one began the conversation.
            return await self._try_to_begin(request, campaign, headers, visitor)

    async def _try_to_begin(
        self, request: ChatRequest, campaign: Campaign, headers: dict[str, str], visitor: str | None
    ) -> Accepted:
        # An id that nobody can guess finds its conversation again when the first answer was lost.
        start_id = request.message_id if _UNGUESSABLE.match(request.message_id or "") else None
        claims = Claims.for_organization(campaign.organization_id)
        async with self._database.transaction(claims) as connection:
            known = await repository.started_with(connection, campaign.id, start_id) if start_id else None
            if known is None:
                thread_id = await self._insert(connection, request, campaign, start_id, visitor)
            elif known["handle"] != request.instagram_handle:
                raise Conflict(
                    "This message_id was used by somebody else.", details={"message_id": request.message_id}
                )
            else:
                thread_id = known["id"]
            ids = _Ids(thread_id, new_id("msg"), new_id("turn"))
            acceptance = await self._write(connection, request, ids)
        lead_token = self._sessions.issue(
            thread_id=thread_id,
            campaign_id=campaign.id,
            organization_id=campaign.organization_id,
            handle=request.instagram_handle,
        )
        return await self._accepted(request, campaign, ids, acceptance, headers, lead_token=lead_token)

    async def _insert(
        self,
        connection: Connection,
        request: ChatRequest,
        campaign: Campaign,
        start_id: str | None,
        visitor: str | None,
    ) -> str:
        if await repository.claim_campaign_use(connection, campaign.id) is None:
            refuse_unless_open(await repository.campaign(connection, campaign.id), campaign.code)
        version = await self._playbooks.current(connection, campaign.id)
        suffix = "".join(secrets.choice(_SUFFIX) for _ in range(8))
        thread_id = f"lead-{request.instagram_handle}-{suffix}"
        await repository.insert_conversation(
            connection,
            conversation_id=thread_id,
            organization_id=campaign.organization_id,
            campaign_id=campaign.id,
            playbook_id=version.id,
            handle=request.instagram_handle,
            opening=version.playbook.opening,
            first_question=version.playbook.questions[0],
            start_message_id=start_id,
            visitor=visitor,
        )
        return thread_id

    async def answer(self, accepted: Accepted) -> AsyncIterator[tuple[bytes, list[Event]]]:
        """The events of the turn that answers a message, with the prefix of their ids."""
        if accepted.stream is not None:
            prefix = _prefix(accepted.stream.turn, accepted.stream.attempt)
            async for batch in accepted.stream.follow():
                yield prefix, batch
            return
        claims = Claims.for_lead(accepted.organization_id, accepted.thread_id)
        while (turn := await repository.turn_of_message(self._database, claims, accepted.message_id)) is None:
            await self._runner.wait_for_start(POLL_S)
        async for batch in self._told(claims, turn, 0):
            yield batch

    async def resume(
        self, session: LeadSession, last: EventId | None
    ) -> AsyncIterator[tuple[bytes, list[Event]]] | None:
        """What a reader missed since ``last`` and what follows; None when there is nothing of either."""
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        if last is None:
            running = await repository.running_turn(self._database, claims, session.thread_id)
            turns = [] if running is None else [running]
        else:
            turns = await repository.turns_since(self._database, claims, session.thread_id, last.turn)
        missed = [(turn, _after(turn, last)) for turn in turns]
        if not any(_has_more(turn, after) for turn, after in missed):
            return None
        return self._resumed(claims, missed)

    async def _resumed(
        self, claims: Claims, missed: list[tuple[DictRow, int | None]]
    ) -> AsyncIterator[tuple[bytes, list[Event]]]:
        for turn, after in missed:
            if after is None:
                # What was read of an earlier run is void; the turn was begun anew.
                yield _prefix(turn["seq"], turn["attempt"]), [_RESET]
            async for batch in self._told(claims, turn, after or 0):
                yield batch

    async def _told(
        self, claims: Claims, turn: DictRow, after: int
    ) -> AsyncIterator[tuple[bytes, list[Event]]]:
        """A turn's events behind ``after``: live when it runs here, from its row once it has ended."""
        while turn["status"] == "running":
            attempt = turn["attempt"]
            async for prefix, batch in self._running(turn, after):
                yield prefix, batch
                after = batch[-1].position
                if batch[-1].kind in FINAL:
                    return
            if self._runner.draining:
                yield _prefix(turn["seq"], attempt), [Event(after + 1, "error", interrupted())]
                return
            again = await repository.turns_since(self._database, claims, turn["conversation_id"], turn["seq"])
            if not again:
                return
            turn = again[0]
            if turn["attempt"] != attempt and after:
                after = 0
                yield _prefix(turn["seq"], turn["attempt"]), [_RESET]
        if events := told_again(turn, after):
            yield _prefix(turn["seq"], turn["attempt"]), events

    async def _running(self, turn: DictRow, after: int) -> AsyncIterator[tuple[bytes, list[Event]]]:
        """A running turn's events behind ``after``, from here or from the process that runs it."""
        prefix = _prefix(turn["seq"], turn["attempt"])
        stream = self._runner.stream(turn["id"])
        if stream is not None and stream.attempt == turn["attempt"]:
            async for batch in stream.follow(after):
                yield prefix, batch
        elif turn["runner_id"] in ("", self._runner.id):
            await self._runner.wait_for_start(POLL_S)
        else:
            async for batch in self._relay.follow(turn["id"], turn["runner_id"]):
                if fresh := unread(batch, after):
                    after = fresh[-1].position
                    yield prefix, fresh


def _prefix(turn: int, attempt: int) -> bytes:
    return b"%d-%d-" % (turn, attempt)


def _after(turn: DictRow, last: EventId | None) -> int | None:
    """The position read so far; None when what was read belongs to a run that is void."""
    if last is None or turn["seq"] != last.turn:
        return 0
    return last.position if turn["attempt"] == last.attempt else None


def _has_more(turn: DictRow, after: int | None) -> bool:
    return turn["status"] == "running" or after is None or bool(told_again(turn, after))
