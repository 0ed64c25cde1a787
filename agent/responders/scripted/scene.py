"""A brief as the scripted agent looks at it: what was said last, by whom, and what it said before."""

import re
from collections.abc import Sequence
from functools import cached_property
from zlib import crc32

from agent.playbook.schema import Question
from agent.responders.base import Brief
from agent.responders.scripted.phrases import phrases_for
from agent.transcript import newest_words

_LONGEST = 1000
"""Characters of the lead's words that are looked at."""
_QUESTION_MARK = re.compile(r"[?？¿؟]")


class Scene:
    """One turn. Phrases are chosen by what was said, and not twice in a conversation while others are left."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.words = newest_words(brief.messages)[:_LONGEST]
        self.folded = " ".join(self.words.casefold().replace("’", "'").split())
        self.language = brief.perception["language"]
        self.said = "\n".join(line.content for line in brief.messages if line.role == "ai")
        self._phrases = phrases_for(self.language)
        self._seed = crc32(self.folded.encode("utf-8", "replace")) + len(brief.messages)

    @cached_property
    def last_said(self) -> str:
        """The agent's latest message."""
        return next((line.content for line in reversed(self.brief.messages) if line.role == "ai"), "")

    @cached_property
    def asks(self) -> bool:
        """Whether the lead wants to know something."""
        return self.brief.perception["intent"] == "question" or bool(_QUESTION_MARK.search(self.words))

    @property
    def again(self) -> bool:
        """Whether the open question is the one that was put last."""
        question, asked = self.brief.next_question, self.brief.asked
        return question is not None and bool(asked) and asked[-1] == question.field

    @cached_property
    def answered(self) -> Question | None:
        """The question that the newest message answered."""
        asked = self.brief.asked
        if not asked or asked[-1] not in self.brief.fields or "?" not in self.last_said:
            return None
        return self.brief.playbook.question_for(asked[-1])

    def was_said(self, text: str) -> bool:
        """Whether the agent already used these words."""
        return text in self.said

    def variants(self, kind: str) -> Sequence[str]:
        """All phrases of this kind."""
        return self._phrases[kind]

    def pick(self, kind: str, **values: str) -> str:
        """A phrase of this kind, filled in: a fresh one while there is one."""
        return self.choose(self._phrases[kind], **values)

    def choose(self, variants: Sequence[str], **values: str) -> str:
        """One of ``variants``, filled in: a fresh one while there is one."""
        start = self._seed % len(variants)
        ordered = [*variants[start:], *variants[:start]]
        fresh = (variant for variant in ordered if not self.was_said(_trace(variant)))
        chosen = next(fresh, ordered[0])
        return chosen.format_map(values) if values else chosen


def _trace(variant: str) -> str:
    """The longest stretch of a phrase that stands in every filling of it."""
    return max(re.split(r"\{\w+\}", variant), key=len).strip()
