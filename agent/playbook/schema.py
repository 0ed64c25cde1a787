"""The playbook: everything the agent may ask, say, offer and promise.

Prices are integers in minor units (cents); a price, an offer or a promise that is not in here does
not exist for the agent.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
ObjectionType = Literal["price", "time", "trust", "need", "authority", "competitor", "other"]
FieldKind = Literal["text", "number", "money", "yes_no", "choice"]
FieldValue = str | float | bool
"""What a learned field holds: money as a float in major units, a choice as its own word."""
PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,39})\} ?")
"""A learned field inside a question's words."""


class Part(BaseModel):
    """A piece of a playbook: immutable, and nothing in it that the schema does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AgentVoice(Part):
    """Who speaks, and how."""

    name: Line
    voice: Text
    language: Annotated[str, StringConstraints(pattern=r"^(lead|[a-z]{2})$")] = "lead"
    """``lead`` answers in the lead's language; an ISO 639-1 code holds to one."""


class Disqualifier(Part):
    """The answers that end a qualification. A field of another kind than the rule never matches."""

    below: float | None = None
    equals: FieldValue | None = None
    one_of: tuple[Line, ...] = ()
    message: Text
    """What the agent says kindly when it matches."""


class Question(Part):
    """One thing the agent wants to learn."""

    field: Slug
    question: Text
    why: Line
    kind: FieldKind = "text"
    choices: tuple[Line, ...] = ()
    required: bool = True
    weight: float = Field(default=1.0, ge=0, le=100)
    """Its share in the qualification score, relative to the other questions."""
    disqualifies: Disqualifier | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.kind == "choice" and not self.choices:
            raise ValueError("a choice question needs its choices")
        if self.kind != "choice" and self.choices:
            raise ValueError(f"choices belong to a choice question, not to {self.kind}")
        rule = self.disqualifies
        if rule is not None and rule.below is not None and self.kind not in ("number", "money"):
            raise ValueError(f"'below' never matches an answer of kind {self.kind}")
        return self


class Offer(Part):
    """Something that is sold, at the only price it has."""

    id: Slug
    name: Line
    price: int = Field(ge=0, le=100_000_000)
    """In minor units of ``currency``."""
    currency: Currency = "USD"
    billing: Literal["once", "month", "year"] = "once"
    summary: Text
    ideal_for: Line


class Objection(Part):
    """A doubt that leads have, and the owner's answer to it."""

    type: ObjectionType
    examples: tuple[Line, ...] = Field(min_length=1, max_length=30)
    answer: Text


def _refuse_twice(what: str, names: list[str]) -> None:
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ValueError(f"{what} used twice: {', '.join(twice)}")


class Playbook(Part):
    """One owner's (or one campaign's) way of selling."""

    business: Text
    """What the owner sells and to whom, in a few sentences."""
    agent: AgentVoice
    opening: Text
    """The first message; it ends with the first question."""
    questions: tuple[Question, ...] = Field(min_length=1, max_length=20)
    qualified_at: float = Field(default=0.6, ge=0, le=1)
    offers: tuple[Offer, ...] = Field(min_length=1, max_length=20)
    objections: tuple[Objection, ...] = Field(default=(), max_length=30)
    never_promise: tuple[Line, ...] = Field(default=(), max_length=50)
    links: tuple[Line, ...] = Field(default=(), max_length=20)
    """The owner's own links that the agent may send."""

    @field_validator("questions")
    @classmethod
    def _fields_fit_together(cls, questions: tuple[Question, ...]) -> tuple[Question, ...]:
        fields = [q.field for q in questions]
        _refuse_twice("field", fields)
        for question in questions:
            if unknown := set(PLACEHOLDER.findall(question.question)) - set(fields):
                raise ValueError(
                    f"the question for {question.field} fills in an unknown field: {min(unknown)}"
                )
        return questions

    @field_validator("offers")
    @classmethod
    def _ids_are_unique(cls, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
        _refuse_twice("id", [o.id for o in offers])
        return offers

    def question_for(self, field: str) -> Question | None:
        """The question that asks for ``field``."""
        return next((q for q in self.questions if q.field == field), None)

    def offer(self, offer_id: str) -> Offer | None:
        """The offer with this id."""
        return next((o for o in self.offers if o.id == offer_id), None)
