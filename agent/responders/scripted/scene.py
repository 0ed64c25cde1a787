"""A brief as the scripted agent looks at it: what was said last, and what it said before."""

import re
from collections.abc import Sequence
from functools import cached_property
from zlib import crc32

from agent.playbook.schema import PLACEHOLDER, FieldValue, Question
from agent.responders.base import Brief
from agent.responders.scripted.phrases import LANGUAGES, phrases_for
from agent.responders.scripted.words import folded
from agent.transcript import newest_words

_LONGEST = 1000
"""Characters of the lead's words that are looked at."""
_BLANK = re.compile(r"\{\w+\}")


class Scene:
    """One turn. A phrase is chosen by what was said, and not used twice while there is a fresh one."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.words = newest_words(brief.messages)[:_LONGEST]
        self.folded = folded(self.words)
        spoken = brief.perception["language"]
        self.language = spoken if spoken in LANGUAGES else LANGUAGES[0]
        self._phrases = phrases_for(self.language)
        self._said = [line.content for line in brief.messages if line.role == "ai"]
        self._seed = crc32(self.folded.encode("utf-8", "replace")) + len(brief.messages)

    @cached_property
    def asks(self) -> bool:
        """Whether the lead wants to know something."""
        return self.brief.perception["intent"] == "question" or "?" in self.words

    @property
    def again(self) -> bool:
        """Whether the open question is the one that was put last."""
        question, asked = self.brief.next_question, self.brief.asked
        return question is not None and bool(asked) and asked[-1] == question.field

    @cached_property
    def answered(self) -> Question | None:
        """The question that the newest message answered."""
        asked = self.brief.asked[-1] if self.brief.asked else ""
        question = self.brief.playbook.question_for(asked) if asked in self.brief.fields else None
        return question if question and self._said and _puts(self._said[-1], question) else None

    @cached_property
    def told(self) -> bool:
        """Whether the newest message states something that the playbook asks for."""
        return self.answered is not None or any(self._states(value) for value in self.brief.fields.values())

    def said(self, text: str) -> bool:
        """Whether the agent already used these words."""
        return any(text in line for line in self._said)

    def said_any(self, kind: str) -> bool:
        """Whether the agent already used a phrase of this kind."""
        return any(self.said(_lasting(variant)) for variant in self._phrases[kind])

    def said_at_length(self, name: str, others: Sequence[str]) -> bool:
        """Whether the agent talked of ``name`` alone, in more than a sentence."""
        about = [line for line in self._said if name in line and len(line) > 2 * len(name) + 100]
        return any(not any(other in line.replace(name, "") for other in others) for line in about)

    def pick(self, kind: str, **values: str) -> str:
        """A phrase of this kind, filled in: a fresh one while there is one."""
        variants = self._phrases[kind]
        start = self._seed % len(variants)
        ordered = [*variants[start:], *variants[:start]]
        chosen = next((variant for variant in ordered if not self.said(_lasting(variant))), ordered[0])
        return chosen.format_map(values) if values else chosen

    def pick_fresh(self, kind: str) -> str:
        """A phrase of this kind that was not used yet; empty when all were."""
        return next((words for words in self._phrases[kind] if not self.said(words)), "")

    def _states(self, value: FieldValue) -> bool:
        if isinstance(value, str):
            return folded(value) in self.folded
        return not isinstance(value, bool) and any(char.isdigit() for char in self.folded)


def _puts(text: str, question: Question) -> bool:
    """Whether ``text`` asks this question, in the playbook's words or by its choices."""
    longest = max(PLACEHOLDER.split(question.question)[::2], key=len)
    return longest in text or (bool(question.choices) and all(choice in text for choice in question.choices))


def _lasting(variant: str) -> str:
    """The longest stretch of a phrase that is the same however it is filled in."""
    return max(_BLANK.split(variant), key=len).strip() if "{" in variant else variant
