"""The closer: shows the offer that fits, and hands over the link to the one that is wanted."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.nodes.answering import answer
from agent.offers import offer_at_hand
from agent.playbook.schema import Offer
from agent.state import ConversationState
from agent.turn import TurnState, surroundings
from core.errors import LimitlessError


async def closer(state: TurnState, runtime: Runtime[AgentContext]) -> ConversationState:
    """The offer comes from the playbook by its id, the link from the context by the same id."""
    turn = state["turn"]
    brief = turn.brief
    if brief.stage != "disqualified":
        brief = replace(brief, offer=offer_at_hand(state, brief))
    wanted = brief.perception["intent"] == "ready_to_buy" or state.get("offer_chosen")
    if brief.stage == "closing" and brief.offer and wanted:
        brief = replace(brief, checkout_url=await _checkout(surroundings(runtime), brief.offer))
    return await answer(state, brief, runtime)


async def _checkout(context: AgentContext, offer: Offer) -> str | None:
    try:
        return await context.checkout(offer.id)
    except LimitlessError:
        return None
