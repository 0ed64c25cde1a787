"""The newest message, understood in this process: what it is, in which language, and what it states."""

from collections.abc import Mapping, Sequence

from agent.perception.answers import clauses, telling, text_answer, typed_answer
from agent.perception.facts import NAMES, beside, name_in, unmistakable
from agent.perception.intents import Heard, classify
from agent.perception.language import detect, language_before
from agent.perception.rules import LANGUAGES, says
from agent.perception.setting import setting
from agent.perception.words import folded
from agent.playbook.schema import FieldValue, Playbook
from agent.responders.base import Message
from agent.state import Intent, Perception
from agent.transcript import newest_words

LONGEST = 2000
"""Characters of a message that are looked at."""


def perceive(
    playbook: Playbook, messages: Sequence[Message], asked: Sequence[str], fields: Mapping[str, FieldValue]
) -> tuple[Perception, dict[str, FieldValue]]:
    """What the lead's newest words mean, and the facts in them by the playbook's fields.

    Takes about a millisecond; the first call of a process loads the embedding's weights (0.3 s).
    """
    message = heard(playbook, messages, asked, fields)
    intent, objection = classify(playbook, message)
    question = message.at.question
    facts = unmistakable(playbook, message.text, message.told, question.field if question else None, fields)
    answer = message.answer if message.answer is not None else _own_words(message, intent, facts)
    if question and answer is not None and intent != "objection":
        facts[question.field] = answer
    language = message.language or language_before(_earlier(messages))
    return Perception(intent=intent, objection=objection, language=language), facts


def heard(
    playbook: Playbook, messages: Sequence[Message], asked: Sequence[str], fields: Mapping[str, FieldValue]
) -> Heard:
    """The newest message and what is known of it before its intent."""
    text = newest_words(messages)[:LONGEST]
    plain, language = folded(text), detect(text)
    at, told = setting(playbook, messages, asked, fields), telling(playbook, text)
    languages = frozenset((language, "en")) if language else LANGUAGES
    known = at.question is not None and not says("unknown", plain, LANGUAGES)
    answer = typed_answer(at.question, told) if at.question and known else None
    return Heard(text, plain, told, language, languages, at, says("demands", plain, languages), answer)


def _own_words(message: Heard, intent: Intent, others: Mapping[str, FieldValue]) -> FieldValue | None:
    """The answer to a question that is answered in words, without what was told beside it."""
    question = message.at.question
    if question is None or question.kind != "text" or message.demands or intent not in ("answer", "question"):
        return None
    name = name_in(message.text) if question.field in NAMES else None
    return name or text_answer([clause for clause in clauses(message.text) if not beside(clause, others)])


def _earlier(messages: Sequence[Message]) -> list[str]:
    """What was said before, the lead's words first, the latest first."""
    latest_first = list(reversed(messages))
    return [message.content for role in ("human", "ai") for message in latest_first if message.role == role]
