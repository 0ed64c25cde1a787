"""A lead's message, written down before anything answers it."""

import base64
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg.rows import DictRow

from agent.checkpoints import TurnCheckpoint
from api.campaigns.standing import refuse_unless_open
from api.chat import repository
from api.chat.repository import Beginning, NewMessage, claim_of
from api.chat.runner import TurnRunner
from api.chat.schemas import ChatRequest
from api.chat.streams import TurnStream
from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.errors import CampaignExpired, Conflict, NotFound
from core.identifiers import new_id
from core.limits import Limit, Limits
from core.security.tokens import LeadSessions

_UNGUESSABLE = re.compile(r"^[A-Za-z0-9_-]{16,64}$")
_SUFFIX_BYTES = 5
"""Eight letters and digits."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """Where a code leads."""

    id: str
    organization_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Sender:
    """What is known of who sends a message, beside what it says."""

    address: str
    visitor: str | None = None
    """Who the browser says it is: a new conversation remembers where that visit came from."""
    chat_id: str | None = None
    """A client's own id of the conversation: a session goes on only with the conversation of that id."""


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


class Acceptance:
    """Counts messages, writes them, and starts the turns that they begin: a single statement each."""

    def __init__(
        self,
        database: Database,
        limits: Limits,
        sessions: LeadSessions,
        playbooks: Playbooks,
        runner: TurnRunner,
    ) -> None:
        self._database = database
        self._limits = limits
        self._sessions = sessions
        self._playbooks = playbooks
        self._runner = runner

    async def next(
        self, request: ChatRequest, campaign: Campaign, thread_id: str, limits: Sequence[Limit | None]
    ) -> Accepted:
        """The next message of a conversation."""
        message, claims = _new(request), Claims.for_lead(campaign.organization_id, thread_id)
        counted = await self._limits.left_to_count(*limits)
        with self._runner.beginning(message.turn_id):
            row = await repository.accept_message(
                self._database, claims, thread_id, message, self._runner.id, counted
            )
            self._limits.judge(counted, row["hits"], row["resets_at"])
            if row["obstacle"] is not None:
                raise _refusal(row["obstacle"], request, campaign)
            return self._accepted(request, campaign, message, row)

    async def first(
        self, request: ChatRequest, campaign: Campaign, sender: Sender, limits: Sequence[Limit | None]
    ) -> Accepted:
        """A conversation's first message."""
        message, counted = _new(request), await self._limits.left_to_count(*limits)
        with self._runner.beginning(message.turn_id):
            row = await self._begun(request, campaign, sender, message, counted)
            self._limits.judge(counted, row["hits"], row["resets_at"])
            if row["obstacle"] == "playbook":
                await self._playbooks.begin(campaign.organization_id)
                row = await self._begun(request, campaign, sender, message, ())
            if row["obstacle"] == "closed":
                await self._refuse_closed(campaign)
            if row["obstacle"] is not None:
                raise _refusal(row["obstacle"], request, campaign)
            lead_token = self._sessions.issue(
                thread_id=row["thread_id"],
                campaign_id=campaign.id,
                organization_id=campaign.organization_id,
                handle=request.instagram_handle,
            )
            return self._accepted(request, campaign, message, row, lead_token)

    async def _begun(
        self,
        request: ChatRequest,
        campaign: Campaign,
        sender: Sender,
        message: NewMessage,
        counted: Sequence[Limit],
    ) -> DictRow:
        # An id that nobody can guess finds its conversation again when the first answer was lost.
        start_id = request.message_id if _UNGUESSABLE.match(request.message_id or "") else None
        suffix = base64.b32encode(secrets.token_bytes(_SUFFIX_BYTES)).decode().lower()
        handle = request.instagram_handle
        beginning = Beginning(
            campaign.id, f"lead-{handle}-{suffix}", handle, start_id, sender.chat_id, sender.visitor
        )
        claims, runner_id = Claims.for_organization(campaign.organization_id), self._runner.id
        try:
            return await repository.begin_conversation(
                self._database, claims, beginning, message, runner_id, counted
            )
        except psycopg.errors.UniqueViolation:
            # The same first message arrived twice at once; the other one began the conversation.
            return await repository.begin_conversation(self._database, claims, beginning, message, runner_id)

    async def _refuse_closed(self, campaign: Campaign) -> None:
        claims = Claims.for_organization(campaign.organization_id)
        refuse_unless_open(await repository.campaign(self._database, claims, campaign.id), campaign.code)

    def _accepted(
        self,
        request: ChatRequest,
        campaign: Campaign,
        message: NewMessage,
        row: DictRow,
        lead_token: str | None = None,
    ) -> Accepted:
        if row["known_id"] is not None and row["known_content"] != request.message:
            raise Conflict(
                "This message_id was used for another text.", details={"message_id": request.message_id}
            )
        return Accepted(
            row["thread_id"],
            campaign.organization_id,
            campaign,
            row["known_id"] or message.id,
            lead_token,
            None if row["turn_seq"] is None else self._start(campaign, message, row),
        )

    def _start(self, campaign: Campaign, message: NewMessage, row: DictRow) -> TurnStream:
        thread_id = row["thread_id"]
        claims = Claims.for_lead(campaign.organization_id, thread_id)
        claim = claim_of(
            row,
            campaign.organization_id,
            (message.turn_id, row["turn_seq"], 1),
            (message.content,),
            checkpoint=TurnCheckpoint(thread_id, lambda: self._database.pipeline(claims), row),
            has_documents=row["has_documents"],
        )
        return self._runner.start(claim)


def _new(request: ChatRequest) -> NewMessage:
    return NewMessage(request.message, request.message_id, new_id("msg"), new_id("turn"))


def _refusal(obstacle: str, request: ChatRequest, campaign: Campaign) -> Exception:
    if obstacle == "closed":
        return CampaignExpired(
            "This campaign is paused.", details={"campaign_code": campaign.code, "reason": "paused"}
        )
    if obstacle == "handle":
        return Conflict(
            "This message_id was used by somebody else.", details={"message_id": request.message_id}
        )
    return NotFound("No such conversation.", details={"thread_id": request.thread_id})
