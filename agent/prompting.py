"""What a model is told: one Markdown template for each agent, the playbook, and this turn.

The fixed part stands first and is rendered once for each playbook and agent, so that an endpoint's
prompt cache holds it; what changes with the turn stands last.
"""

import secrets
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import get_args

from agent.playbook.cache import per_playbook
from agent.playbook.prices import price_text
from agent.playbook.schema import FieldValue, ObjectionType, Playbook, Question
from agent.responders.base import Brief, Passage
from agent.state import AgentName

CANARY = f"ref-{secrets.token_hex(8)}"
"""Stands in every system prompt and nowhere else: a reply that holds it leaks the prompt."""

TEMPLATES: Mapping[AgentName, str] = {
    "qualifier_agent": "qualifier",
    "objection_handler_agent": "objection_handler",
    "closer_agent": "closer",
}
PASSAGE_LIMIT = 1500
DOUBTS_TOLD = 5
LANGUAGES = {
    "de": "German", "en": "English", "es": "Spanish", "fr": "French", "it": "Italian", "nl": "Dutch",
    "pl": "Polish", "pt": "Portuguese", "tr": "Turkish",
}  # fmt: skip


def system_prompt(brief: Brief) -> str:
    """All that the speaker of this turn is told, but the conversation itself."""
    return f"{_fixed(brief.playbook)[brief.agent]}\n\n{_this_turn(brief)}"


@cache
def instructions(agent: AgentName) -> str:
    """The part of a system prompt that no lead may read: the rules and the agent's own."""
    shared = Template(_template("shared")).substitute(canary=CANARY)
    return f"{shared}\n{_template(TEMPLATES[agent])}"


def lead_words(text: str) -> str:
    """A lead's message, marked as data."""
    return f"<lead>\n{_inert(text)}\n</lead>"


@per_playbook
def reader_prompt(playbook: Playbook) -> str:
    """What the reader of messages is told."""
    return Template(_template("reader")).substitute(
        objection_types=", ".join(get_args(ObjectionType)),
        fields="\n".join(_field_line(question) for question in playbook.questions),
        offers="\n".join(f"- {offer.id}: {offer.name}" for offer in playbook.offers),
    )


def summary_request(brief: Brief) -> str:
    """What the reader is told besides when the summary is due."""
    return Template(_template("summary")).substitute(earlier=_earlier(brief))


@per_playbook
def _fixed(playbook: Playbook) -> Mapping[AgentName, str]:
    business = _business(playbook)
    return {agent: f"{instructions(agent)}\n{business}" for agent in TEMPLATES}


def _business(playbook: Playbook) -> str:
    return "\n\n".join([
        f"# The business\n\n{playbook.business}",
        f"Your name is {playbook.agent.name}. Your voice: {playbook.agent.voice}",
        _section("What is sold", (
            f"{offer.name} (`{offer.id}`): {price_text(offer)}. {offer.summary} For {offer.ideal_for}."
            for offer in playbook.offers
        )),
        _section("Doubts and the owner's answers", (f"{o.type}: {o.answer}" for o in playbook.objections)),
        _section("Never promise", playbook.never_promise),
        _section("Links that you may send", playbook.links),
    ])  # fmt: skip


def _this_turn(brief: Brief) -> str:
    lines = [_language(brief), *_situation(brief), *_task(brief)]
    return "\n\n".join(["# This turn", "\n".join(f"- {line}" for line in lines), *_data(brief)])


def _language(brief: Brief) -> str:
    language = brief.perception["language"]
    name = LANGUAGES.get(language, language)
    if brief.playbook.agent.language != "lead":
        return f"Write in {name}, whatever language the lead writes in."
    return f"Write in the lead's language, by the look of it {name}. A word or a number does not change it."


def _situation(brief: Brief) -> Iterable[str]:
    intent = brief.perception["intent"]
    if intent == "asks_if_ai":
        yield "The lead asks whether you are a person. Say first and plainly that you are an AI assistant."
    if brief.disqualified_by:
        yield f"This lead is no fit. Say so kindly and end, to this effect: {brief.disqualified_by.message}"
    elif intent == "refusal":
        yield "The lead said no. Accept it, wish them well and end: no question, no offer, no second try."
    elif brief.stage == "disqualified":
        yield "This conversation is over. Answer briefly what the lead says; ask nothing and offer nothing."
    elif brief.stage == "converted":
        yield "The lead has bought. Thank them, help with what they ask, and sell nothing more."
    elif intent == "question":
        yield "The lead asks something. Answer it first, from the business and the documents only."
    elif intent == "objection":
        yield f"The lead raises a doubt of the type {brief.perception['objection'] or 'other'}."


def _task(brief: Brief) -> Iterable[str]:
    if brief.offer and brief.agent == "closer_agent":
        yield f"The offer: {brief.offer.name} (`{brief.offer.id}`), {price_text(brief.offer)}."
    if brief.checkout_url:
        yield f"The lead wants it. Hand over exactly this checkout link: {brief.checkout_url}"
    elif brief.offer and brief.perception["intent"] == "ready_to_buy":
        yield "The lead wants it. There is no checkout link here: say that the team sends it in this chat."
    if brief.next_question:
        yield f"End with this one question, its sense unchanged: {brief.next_question.question}"
    elif brief.agent == "objection_handler_agent" and brief.offer:
        yield f"Lead back to {brief.offer.name}: ask whether that answers it, without pressing."
    else:
        yield "No question about the lead is open: ask none."


def _data(brief: Brief) -> Iterable[str]:
    if brief.summary:
        yield _earlier(brief)
    known = [f"{field}: {_shown(value)}" for field, value in brief.fields.items()]
    known += [f"raised earlier ({met['type']}): {met['words']}" for met in brief.objections[-DOUBTS_TOLD:]]
    if known:
        yield _inert("<known>\n" + "\n".join(known)) + "\n</known>"
    for passage in brief.passages:
        yield _document(passage)


def _earlier(brief: Brief) -> str:
    return f"<earlier>\n{_inert(brief.summary or 'nothing')}\n</earlier>"


def _document(passage: Passage) -> str:
    place = ", ".join(part for part in (passage.heading, passage.page and f"page {passage.page}") if part)
    source = f"{passage.title} ({place})" if place else passage.title
    return f"<document>\nFrom: {_inert(source)}\n{_inert(passage.text[:PASSAGE_LIMIT])}\n</document>"


def _field_line(question: Question) -> str:
    form = {"text": "text", "number": "a number", "money": "a number", "yes_no": "true or false"}
    expected = f"one of: {', '.join(question.choices)}" if question.choices else form[question.kind]
    return f"- {question.field} ({expected}): {question.question}"


def _section(title: str, lines: Iterable[str]) -> str:
    listed = "\n".join(f"- {line}" for line in lines)
    return f"## {title}\n\n{listed or '- none'}"


def _shown(value: FieldValue) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _inert(text: str) -> str:
    """Data cannot close the tag that it stands in."""
    return text.replace("</", "<\u200b/")


@cache
def _template(name: str) -> str:
    return (Path(__file__).parent / "prompts" / f"{name}.md").read_text(encoding="utf-8")
