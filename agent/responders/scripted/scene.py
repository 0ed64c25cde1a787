"""A brief as the scripted agent looks at it: what was said last, and what it said before."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from zlib import crc32

from agent.playbook.schema import PLACEHOLDER, FieldValue, Question
from agent.responders.base import Brief
from agent.responders.scripted.phrases import LANGUAGES, phrases_for
from agent.responders.scripted.words import begins, folded, topics
from agent.transcript import newest_words

_LONGEST = 600
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
        self.replies = [line.content for line in brief.messages if line.role == "ai"]
        self._phrases = phrases_for(self.language)
        self._seed = crc32(self.folded.encode("utf-8", "replace")) + len(brief.messages)

    @property
    def last(self) -> str:
        """The agent's latest message."""
        return self.replies[-1] if self.replies else ""

    @cached_property
    def asks(self) -> bool:
        """Whether the lead wants to know something."""
        if "?" in self.words:
            return True
        taken_for_one = self.brief.perception["intent"] == "question"
        return taken_for_one and (begins(self.folded, "asking") or bool(topics(self.folded)))

    @cached_property
    def answered(self) -> Question | None:
        """The question that the newest message answered: the one just put, or one it names a choice of."""
        playbook, fields, asked = self.brief.playbook, self.brief.fields, self.brief.asked
        just_put = playbook.question_for(asked[-1]) if asked and asked[-1] in fields else None
        nudged = self.just_said_any("nudge", "nudge_choice")
        if just_put and (nudged or puts(self.last, just_put)):
            return just_put
        named = (q for q in playbook.questions if q.kind == "choice" and q.field in fields)
        return next((question for question in named if self._states(fields[question.field])), None)

    @cached_property
    def told(self) -> bool:
        """Whether the newest message states something that the playbook asks for."""
        return self.answered is not None or any(self._states(value) for value in self.brief.fields.values())

    def said(self, text: str) -> bool:
        """Whether the agent already used these words."""
        return any(text in reply for reply in self.replies)

    def said_any(self, *kinds: str) -> bool:
        """Whether the agent already used a phrase of these kinds."""
        return any(self.said(trace) for trace in self._traces(kinds))

    def just_said_any(self, *kinds: str) -> bool:
        """Whether the agent's latest message has a phrase of these kinds."""
        return any(trace in self.last for trace in self._traces(kinds))

    def pick(self, kind: str, **values: str) -> str:
        """A phrase of this kind, filled in: a fresh one while there is one."""
        variants = self._in_turn(kind)
        chosen = next((variant for variant in variants if not self.said(_trace(variant))), variants[0])
        return chosen.format_map(values) if values else chosen

    def pick_fresh(self, kind: str) -> str:
        """A phrase of this kind that was not used yet; empty when all were."""
        return next((words for words in self._in_turn(kind) if not self.said(words)), "")

    def _in_turn(self, kind: str) -> Sequence[str]:
        variants = self._phrases[kind]
        start = self._seed % len(variants) if variants else 0
        return [*variants[start:], *variants[:start]]

    def _traces(self, kinds: Iterable[str]) -> Iterable[str]:
        return (_trace(variant) for kind in kinds for variant in self._phrases[kind])

    def _states(self, value: FieldValue) -> bool:
        if isinstance(value, str):
            return folded(value) in self.folded
        return not isinstance(value, bool) and any(char.isdigit() for char in self.folded)


def puts(text: str, question: Question) -> bool:
    """Whether ``text`` asks this question, in the playbook's words or by its choices."""
    longest = max(PLACEHOLDER.split(question.question)[::2], key=len)
    return longest in text or (bool(question.choices) and all(choice in text for choice in question.choices))


def _trace(variant: str) -> str:
    """The longest stretch of a phrase that is the same however it is filled in."""
    return max(_BLANK.split(variant), key=len).strip() if "{" in variant else variant
