"""Listening: what the newest message means and where it puts the lead, without a model call."""

from collections.abc import Sequence

from langgraph.runtime import Runtime
from langgraph.types import Command

from agent.context import AgentContext, Findings, warm
from agent.playbook.schema import FieldValue
from agent.responders.base import Brief, Message
from agent.responders.fallback import FallbackResponder
from agent.routing import asked_so_far, home_stage, next_agent, place
from agent.scoring import Fields, disqualifier, open_again
from agent.state import AgentName, Perception
from agent.summary import summary_due
from agent.transcript import newest_words, question_before, transcript
from agent.turn import Turn, TurnState, surroundings
from core.errors import InvalidInput, LimitlessError


async def perceive(state: TurnState, runtime: Runtime[AgentContext]) -> Command[AgentName]:
    """Classify, take up the facts, choose the speaker, and begin the turn.

    Raises `InvalidInput` when the lead said nothing.
    """
    context = surroundings(runtime)
    await warm(context)
    playbook = context.playbook
    messages = transcript(state, playbook)
    words = newest_words(messages)
    if not words:
        raise InvalidInput("There is no message to answer.")

    asked = asked_so_far(state, playbook)
    known = state.get("fields", {})
    perception, facts = _heard(context, messages, asked, known)
    if playbook.agent.language != "lead":
        perception = Perception(**{**perception, "language": playbook.agent.language})
    fields = {**known, **facts}
    base, ending = place(state, playbook, fields, perception["intent"])
    agent = next_agent(perception["intent"], base, home_stage(state))
    newly_unfit = ending == "unfit" and state.get("ending") != "unfit"
    findings = await _findings(context, words, question_before(messages), perception)
    brief = Brief(
        agent=agent,
        playbook=playbook,
        messages=messages,
        stage="objection_handling" if agent == "objection_handler_agent" else base,
        perception=perception,
        summary=state.get("summary", ""),
        summary_due=summary_due(state),
        fields=fields,
        asked=asked,
        objections=state.get("objections", []),
        disqualified_by=disqualifier(playbook, fields) if newly_unfit else None,
        passages=findings.passages,
    )
    responder = FallbackResponder(context.responder, context.fallback)
    turn = Turn(brief, base, findings, responder)
    return Command(update={"agent": agent, "perception": perception, "turn": turn}, goto=agent)


def _heard(
    context: AgentContext, messages: Sequence[Message], asked: Sequence[str], known: Fields
) -> tuple[Perception, dict[str, FieldValue]]:
    """Understood locally. An answer that ruled the lead out may be corrected: its question is open again."""
    corrected = open_again(context.playbook, known)
    if corrected:
        asked = [*asked, corrected.field]
        known = {field: value for field, value in known.items() if field != corrected.field}
    return context.perceive(context.playbook, messages, asked, known)


async def _findings(context: AgentContext, words: str, before: str, perception: Perception) -> Findings:
    try:
        return await context.knowledge(words, before, perception)
    except LimitlessError as error:
        return Findings(decision={"error": error.code})
