"""The qualifier: asks the next open question, or ends kindly where the lead is no fit or said no."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.nodes.answering import answer
from agent.scoring import next_question
from agent.state import ConversationState
from agent.turn import TurnState


async def qualifier(state: TurnState, runtime: Runtime[AgentContext]) -> ConversationState:
    """One question at a time, none once it is over."""
    turn = state["turn"]
    brief = turn.brief
    if brief.stage == "qualification":
        brief = replace(brief, next_question=next_question(brief.playbook, brief.fields, brief.asked))
    return await answer(state, brief, runtime)
