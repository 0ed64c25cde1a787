"""The qualifier: asks the next open question, or ends kindly where the lead is no fit or said no."""

from dataclasses import replace

from langgraph.runtime import Runtime

from agent.context import AgentContext
from agent.nodes.speaking import speak
from agent.scoring import next_question
from agent.turn import TurnState


async def qualifier(state: TurnState, runtime: Runtime[AgentContext]) -> TurnState:
    """One question at a time, none once it is over."""
    turn = state["turn"]
    brief = turn.brief
    if brief.stage == "qualification":
        brief = replace(brief, next_question=next_question(brief.playbook, brief.fields, brief.asked))
    return await speak(brief, turn, runtime)
