"""Runs the graph for one turn and hears it out."""

from typing import Any

from langchain_core.messages import HumanMessage

from agent.checkpoints import TurnCheckpoint, TurnSaver
from agent.context import AgentContext, scripted_responder
from agent.graph import build_graph
from agent.responders.base import Responder
from agent.responders.model import ModelResponder
from api.chat.events import state_event
from api.chat.repository import Finished, TurnClaim
from api.chat.runner import Save
from api.chat.streams import TurnStream
from api.playbooks.service import Playbooks
from core.database import Claims, Database
from core.models.choice import ChatModels

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

    def __init__(self, database: Database, playbooks: Playbooks, models: ChatModels | None) -> None:
        self._database = database
        self._playbooks = playbooks
        self._graph = build_graph(TurnSaver())
        self._scripted = scripted_responder()
        self._responder: Responder = (
            self._scripted if models is None else ModelResponder(models.reply, models.reader)
        )

    async def __call__(self, claim: TurnClaim, stream: TurnStream) -> tuple[Finished, Save]:
        """Answer the claim's messages, writing the words to ``stream`` as they come."""
        version = await self._playbooks.version(claim.organization_id, claim.playbook_id)
        checkpoint = claim.checkpoint or self._checkpoint(claim)
        context = AgentContext(playbook=version.playbook, responder=self._responder, fallback=self._scripted)
        settled: dict[str, Any] = {}
        async for event in self._graph.astream(
            {"messages": [HumanMessage(text) for text in claim.messages]},
            checkpoint.config,
            context=context,
            stream_mode="custom",
            durability="exit",
        ):
            if event["type"] == "token":
                stream.write("token", event["content"])
            else:
                settled = event
        return Finished(settled["reply"], _outcome(claim, settled), settled), checkpoint.save

    def _checkpoint(self, claim: TurnClaim) -> TurnCheckpoint:
        claims = Claims.for_organization(claim.organization_id)
        return TurnCheckpoint(claim.conversation_id, lambda: self._database.pipeline(claims))


def _outcome(claim: TurnClaim, settled: dict[str, Any]) -> dict[str, Any]:
    """What a replay tells, and what the transcript keeps beside the reply."""
    changed = settled["stage"] != claim.stage or settled["fields"] != claim.fields
    metadata = {"current_stage": settled["stage"], **{name: settled[name] for name in _METADATA}}
    return {
        "before": [],
        "after": [["state", state_event(settled)]] if changed else [],
        "metadata": metadata,
    }
