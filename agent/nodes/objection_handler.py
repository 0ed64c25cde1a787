"""The objection handler: gives the owner's answer to a doubt and leads back to where it was."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.nodes.answering import answer
from agent.offers import offer_at_hand
from agent.scoring import next_question
from agent.state import ConversationState
from agent.turn import TurnState


async def objection_handler(state: TurnState, runtime: Runtime[AgentContext]) -> ConversationState:
    """Back to the open question of a qualification, or to the offer of a closing."""
    turn = state["turn"]
    brief = turn.brief
    if turn.base == "closing":
        brief = replace(brief, offer=offer_at_hand(state, brief))
    else:
        brief = replace(brief, next_question=next_question(brief.playbook, brief.fields, brief.asked))
    return await answer(state, brief, runtime)
