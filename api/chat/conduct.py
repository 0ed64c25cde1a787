"""Runs the graph for one turn and hears it out."""

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from agent.checkpoints import TurnCheckpoint
from agent.context import AgentContext, scripted_responder
from agent.playbook.schema import Playbook
from agent.responders.base import Responder
from agent.responders.model import ModelResponder
from agent.state import ConversationState
from agent.walking import Walker
from api.chat.events import state_event
from api.chat.repository import Finished, TurnClaim
from api.chat.streams import TurnStream
from api.knowledge.consultation import Consultation
from api.payments.selling import Sale, Selling
from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.knowledge.search import KnowledgeSearch
from core.models.choice import ChatModels

CAUTIOUS_FROM = 4
"""The run of a turn from which on no model is asked: whatever ended the ones before must not end this one."""
_METADATA = (
    "agent",
    "questions_asked",
    "qualified",
    "offer_shown",
    "language",
    "model",
    "scripted",
    "degraded",
    "guarded",
    "reading_error",
)


class Conductor:
    """The agent, as the runner calls it."""

    def __init__(
        self,
        database: Database,
        playbooks: Playbooks,
        models: ChatModels | None,
        selling: Selling,
        knowledge: KnowledgeSearch,
    ) -> None:
        self._database = database
        self._playbooks = playbooks
        self._selling = selling
        self._knowledge = knowledge
        self._walk = Walker()
        self._scripted = scripted_responder()
        self._responder: Responder = (
            self._scripted if models is None else ModelResponder(models.reply, models.reader)
        )

    async def __call__(self, claim: TurnClaim, stream: TurnStream) -> Finished:
        """Answer the claim's messages, writing the words to ``stream`` as they come."""
        version = await self._playbooks.version(claim.organization_id, claim.playbook_id)
        checkpoint = claim.checkpoint or self._checkpoint(claim)
        sale = self._sale(claim, version.playbook)
        consultation = self._consultation(claim)
        settled: dict[str, Any] = {}

        def tell(event: dict[str, Any]) -> None:
            if event["type"] == "token":
                stream.write("token", event["content"])
            else:
                settled.update(event)

        context = AgentContext(
            playbook=version.playbook,
            responder=self._responder if claim.attempt < CAUTIOUS_FROM else self._scripted,
            fallback=self._scripted,
            checkout=sale.link,
            knowledge=consultation,
            tell=tell,
        )
        await self._walk(_input(claim), checkpoint, context)
        sources = consultation.sources(settled["reply"])
        return Finished(
            settled["reply"],
            _outcome(claim, settled, sale.card, sources),
            settled,
            checkpoint,
            tuple(one.save for one in (sale, consultation) if one.pending),
        )

    def _sale(self, claim: TurnClaim, playbook: Playbook) -> Sale:
        return self._selling.sale(
            claim.organization_id, claim.campaign_id, claim.conversation_id, claim.playbook_id, playbook
        )

    def _consultation(self, claim: TurnClaim) -> Consultation:
        return Consultation(
            self._knowledge,
            claim.organization_id,
            claim.campaign_id,
            claim.conversation_id,
            claim.id,
            has_documents=claim.has_documents,
        )

    def _checkpoint(self, claim: TurnClaim) -> TurnCheckpoint:
        claims = Claims.for_organization(claim.organization_id)
        return TurnCheckpoint(claim.conversation_id, lambda: self._database.pipeline(claims))


def _input(claim: TurnClaim) -> ConversationState:
    """What is new to the agent: messages, what it said outside of its turns, and that the lead has paid."""
    said = [AIMessage(claim.said_apart)] if claim.said_apart else []
    new: ConversationState = {"messages": [*said, *(HumanMessage(text) for text in claim.messages)]}
    if claim.stage == "converted":
        new["stage"] = "converted"
    return new


def _outcome(
    claim: TurnClaim,
    settled: dict[str, Any],
    checkout: dict[str, Any] | None,
    sources: list[dict[str, Any]],
) -> dict[str, Any]:
    """What a replay tells, and what the transcript keeps beside the reply."""
    changed = settled["stage"] != claim.stage or settled["fields"] != claim.fields
    metadata = {"current_stage": settled["stage"], **{name: settled[name] for name in _METADATA}}
    after = [["state", state_event(settled)]] if changed else []
    if sources:
        after.append(["sources", {"type": "sources", "sources": sources}])
        metadata["sources"] = sources
    if checkout is not None:
        after.append(["checkout", checkout])
        metadata["checkout"] = checkout
    return {"before": [], "after": after, "metadata": metadata}
