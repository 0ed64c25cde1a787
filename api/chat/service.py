"""A lead's message on its way in."""

import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import psycopg

from agent.checkpoints import TurnCheckpoint
from api.campaigns.standing import refuse_unless_open
from api.chat import repository
from api.chat.repository import claim_of
from api.chat.runner import TurnRunner
from api.chat.schemas import GUEST, ChatRequest
from api.chat.streams import TurnStream
from api.playbooks.service import Playbooks
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
from core.limits import Limits, limit
from core.security.tokens import LeadSession, LeadSessions
from core.settings import Settings

_UNGUESSABLE = re.compile(r"^[A-Za-z0-9_-]{16,64}$")
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


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sends a message, beside what it says."""

    address: str
    visitor: str | None = None
    """Who the browser says it is: a new conversation remembers where that visit came from."""
    chat_id: str | None = None
    """A client's own id of the conversation: a session goes on only with the conversation of that id."""


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
        limits: Limits,
        sessions: LeadSessions,
        playbooks: Playbooks,
        runner: TurnRunner,
    ) -> None:
        self._database = database
        self._settings = settings
        self._limits = limits
        self._sessions = sessions
        self._playbooks = playbooks
        self._runner = runner
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
        for session in self.sessions(tokens):
            if session.thread_id == thread_id:
                return session
        raise NotFound("No such conversation.", details={"thread_id": thread_id})

    def sessions(self, tokens: Sequence[str]) -> list[LeadSession]:
        """The good ones among ``tokens``; raises `core.errors.InvalidToken` when there is none."""
        good: list[LeadSession] = []
        fault: InvalidToken | None = None
        for token in tokens:
            try:
                good.append(self._sessions.verify(token))
            except InvalidToken as found:
                fault = found
        if not good and fault is not None:
            raise fault
        return good

    async def accept(self, request: ChatRequest, token: str | None, sender: Sender) -> Accepted:
        """Check the limits and the session, and write the message down before anything answers it."""
        if self._runner.draining:
            raise Unavailable("This server is shutting down; try again.", headers={"Retry-After": "1"})
        campaign = await self.campaign(request.campaign_code)
        session = self.session(token, campaign)
        await self._count(request, campaign, session, sender.address)
        if request.thread_id is not None and (session is None or session.thread_id != request.thread_id):
            raise NotFound("No such conversation.", details={"thread_id": request.thread_id})
        if session is not None and await self._goes_on(request, session, sender):
            try:
                return await self._continue(request, campaign, session.thread_id)
            except NotFound:
                # Deleted meanwhile: who did not ask for this very conversation begins another one.
                if request.thread_id is not None:
                    raise
        return await self._begin(request, campaign, sender)

    async def _goes_on(self, request: ChatRequest, session: LeadSession, sender: Sender) -> bool:
        """Whether the message belongs to the session's conversation, or begins another one."""
        if sender.chat_id is not None:
            return await self.knows(session, sender.chat_id)
        return request.thread_id is not None or session.handle == request.instagram_handle

    async def knows(self, session: LeadSession, chat_id: str) -> bool:
        """Whether the session's conversation has this id, or is known to its client by it."""
        if session.thread_id == chat_id:
            return True
        claims = Claims.for_lead(session.organization_id, session.thread_id)
        return await repository.chat_id_of(self._database, claims, session.thread_id) == chat_id

    async def _count(
        self, request: ChatRequest, campaign: Campaign, session: LeadSession | None, address: str
    ) -> None:
        s, whom = self._settings, request.instagram_handle
        if whom == GUEST:
            # Guests share the handle, not the limit.
            whom = session.thread_id if session else address
        await self._limits.count(
            limit("chat", f"{campaign.id}:{whom}", s.rate_limit_chat),
            limit("chat-address", address, s.rate_limit_chat_address),
            limit("chat-campaign", campaign.id, s.rate_limit_chat_campaign),
        )

    async def _continue(self, request: ChatRequest, campaign: Campaign, thread_id: str) -> Accepted:
        ids = _Ids(thread_id, new_id("msg"), new_id("turn"))
        claims = Claims.for_lead(campaign.organization_id, thread_id)
        checkpoint = TurnCheckpoint(thread_id, lambda: self._database.pipeline(claims))
        async with self._database.pipeline(claims) as connection:
            acceptance = await self._write(connection, request, ids)
            await checkpoint.ask(connection)
        return await self._accepted(request, campaign, ids, acceptance, checkpoint=checkpoint)

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
        )

    async def _begin(self, request: ChatRequest, campaign: Campaign, sender: Sender) -> Accepted:
        try:
            return await self._try_to_begin(request, campaign, sender)
        except psycopg.errors.UniqueViolation:
            # The same first message arrived twice at once; the other one began the conversation.
            return await self._try_to_begin(request, campaign, sender)

    async def _try_to_begin(self, request: ChatRequest, campaign: Campaign, sender: Sender) -> Accepted:
        # An id that nobody can guess finds its conversation again when the first answer was lost.
        start_id = request.message_id if _UNGUESSABLE.match(request.message_id or "") else None
        claims = Claims.for_organization(campaign.organization_id)
        async with self._database.transaction(claims) as connection:
            known = await repository.started_with(connection, campaign.id, start_id) if start_id else None
            if known is None:
                thread_id = await self._insert(connection, request, campaign, start_id, sender)
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
        return await self._accepted(request, campaign, ids, acceptance, lead_token=lead_token)

    async def _insert(
        self,
        connection: Connection,
        request: ChatRequest,
        campaign: Campaign,
        start_id: str | None,
        sender: Sender,
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
            client_chat_id=sender.chat_id,
            visitor=sender.visitor,
        )
        return thread_id
