"""Settling: what was said and read becomes the state, and one event tells all of it."""

import re
from typing import Any

from langchain_core.messages import AIMessage

from agent.playbook.schema import Question
from agent.reading import learned, objections_after
from agent.responders.base import Brief, Reading
from agent.routing import home_stage, place
from agent.scoring import Fields, next_question, qualified, score
from agent.state import ConversationState, Intent, ObjectionMet, Stage
from agent.summary import summed_up
from agent.transcript import newest_words
from agent.turn import Spoken, Turn, TurnState, Understood

_ASKS = re.compile(r"[?？؟]")
DETOURS: frozenset[Intent] = frozenset({"question", "objection", "asks_if_ai"})
_LANGUAGE = re.compile(r"[a-z]{2}")


def settle(
    state: TurnState, spoken: Spoken, understood: Understood
) -> tuple[ConversationState, dict[str, Any]]:
    """Merge the reading, place the lead, append the reply: the state to keep, and the event ``settled``."""
    after, still_open = _after(state, spoken, understood.reading)
    return after, _settled(after, still_open, state["turn"], spoken, understood.error)


def _after(
    state: TurnState, spoken: Spoken, reading: Reading | None
) -> tuple[ConversationState, Question | None]:
    brief = spoken.brief
    playbook = brief.playbook
    fields = learned(playbook, brief.fields, reading) if reading else dict(brief.fields)
    intent = reading.intent if reading else brief.perception["intent"]
    base, ending = place(state, playbook, fields, intent)
    handled = brief.agent == "objection_handler_agent"
    if ending == "unfit" and not (brief.disqualified_by or state.get("ending") == "unfit"):
        ending = None  # the lead has not been told yet
    stage: Stage = "objection_handling" if handled and base in ("qualification", "closing") else base
    asked = _asked(spoken, intent)
    still_open = _open_question(brief, fields, asked) if base == "qualification" else None
    after: ConversationState = {
        "messages": [AIMessage(spoken.text)],
        "stage": stage,
        "resume_stage": home_stage(state) if base == "disqualified" else base,
        "ending": ending,
        "fields": fields,
        "asked": asked,
        "objections": _objections(brief, base, reading),
        "score": score(playbook, fields),
        "offer_shown": _shown(spoken) or state.get("offer_shown"),
        "offer_chosen": _chosen(brief, intent, reading) or state.get("offer_chosen"),
        "language": _language(brief, reading),
        "next_prompt": still_open.question if still_open else None,
        **summed_up(state, reading),
    }
    return after, still_open


def _objections(brief: Brief, base: Stage, reading: Reading | None) -> list[ObjectionMet]:
    if base == "converted":
        return list(brief.objections)
    handled = brief.agent == "objection_handler_agent"
    words = newest_words(brief.messages)
    return objections_after(brief.objections, brief.perception, reading, words, answered=handled)


def _asked(spoken: Spoken, intent: Intent) -> list[str]:
    """With the question that was put. To come back to an open one after a detour is not to ask it again."""
    asked, question = spoken.brief.asked, spoken.brief.next_question
    if question is None or not (question.question in spoken.text or _ASKS.search(spoken.text)):
        return list(asked)
    comes_back = intent in DETOURS and asked[-1:] == [question.field]
    return list(asked) if comes_back else [*asked, question.field]


def _open_question(brief: Brief, fields: Fields, asked: list[str]) -> Question | None:
    just_put = brief.next_question
    if just_put and just_put.field not in fields:
        return just_put
    return next_question(brief.playbook, fields, asked)


def _shown(spoken: Spoken) -> str | None:
    brief = spoken.brief
    shows = brief.agent == "closer_agent" and brief.offer is not None and spoken.violation is None
    return brief.offer.id if shows and brief.offer else None


def _chosen(brief: Brief, intent: Intent, reading: Reading | None) -> str | None:
    if intent != "ready_to_buy":
        return None
    read = brief.playbook.offer(reading.chosen_offer or "") if reading else None
    chosen = read or brief.offer
    return chosen.id if chosen else None


def _language(brief: Brief, reading: Reading | None) -> str:
    follows_lead = brief.playbook.agent.language == "lead"
    if follows_lead and reading and _LANGUAGE.fullmatch(reading.language or ""):
        return str(reading.language)
    return brief.perception["language"]


def _settled(
    after: ConversationState,
    still_open: Question | None,
    turn: Turn,
    spoken: Spoken,
    reading_error: str | None,
) -> dict[str, Any]:
    brief, responder = spoken.brief, turn.responder
    converted = after["stage"] == "converted"
    return {
        "type": "settled",
        "reply": spoken.text,
        "agent": brief.agent,
        "stage": after["stage"],
        "ending": after["ending"],
        "qualified": converted or qualified(brief.playbook, after["fields"]),
        "score": after["score"],
        "fields": after["fields"],
        "asked": after["asked"],
        "questions_asked": len(set(after["asked"])) - 1,
        "next_prompt": after["next_prompt"],
        "open_field": still_open.field if still_open else None,
        "objections": after["objections"],
        "offer_shown": after["offer_shown"],
        "offer_chosen": after["offer_chosen"],
        "checkout_url": brief.checkout_url,
        "language": after["language"],
        "sources": [
            {"document_id": p.document_id, "title": p.title, "page": p.page, "heading": p.heading}
            for p in brief.passages
        ],
        "knowledge": dict(turn.findings.decision),
        "model": responder.name,
        "scripted": responder.scripted,
        "degraded": responder.degraded,
        "guarded": spoken.violation is not None,
        "violation": spoken.violation,
        "reading_error": reading_error,
    }
