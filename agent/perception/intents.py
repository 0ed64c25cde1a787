"""What the lead's newest message is: by rules where words are plain, else weighed with likeness."""

from dataclasses import dataclass
from typing import get_args

from agent.perception.cues import cues
from agent.perception.likeness import Label, likeness
from agent.perception.quantities import bare_quantity
from agent.perception.rules import begins_with, doubts, says, says_only
from agent.perception.setting import Setting
from agent.playbook.schema import FieldValue, ObjectionType, Playbook
from agent.state import Intent

TYPES: tuple[ObjectionType, ...] = get_args(ObjectionType)


@dataclass(frozen=True, slots=True)
class Weights:
    """What speaks how much for an intent, in cosines.

    Each was varied on the tuning part of the labelled messages in ``tests/agent/perception`` and on the
    phrasings of ``examples.toml``, a phrasing never compared with itself, and set in the middle of the span
    where the share of right answers no longer changed. What they come to is measured on the part that was
    held out: ``python -m benchmarks perception``.
    """

    rule: float = 0.8
    """A rule that finds its words."""
    asking: float = 0.8
    """A question's words."""
    mark: float = 0.4
    """A question mark: for a question, and for an objection that a rule finds."""
    open_question: float = 0.4
    """An open question, for an answer."""
    fits: float = 0.3
    """A fact that the open question asked for."""
    elsewhere: float = 0.4
    """An open question that is answered in words, against an objection."""
    others: float = 0.5
    """The same once more where the words are about other people."""
    pitched: float = 0.15
    """An offer just shown, for an objection; and against anything that no rule finds."""
    cue: float = 0.4
    """All cues of a message pointing at one objection, once an offer was shown."""
    threshold: float = 0.55
    """What an objection needs at least."""
    unaided: float = 0.6
    """How like a known phrasing an objection must be that no rule and no cue speaks for."""


WEIGHTS = Weights()
_NEARLY_THE_SAME = 0.75


@dataclass(frozen=True, slots=True)
class Heard:
    """A message and what is known of it before its intent."""

    text: str
    folded: str
    told: str
    """Folded, without its questions."""
    language: str | None
    """None where it could be several."""
    languages: frozenset[str]
    """Those whose rules may apply."""
    at: Setting
    demands: bool
    """Whether it tells the agent to do something."""
    answer: FieldValue | None
    """The fact that the open question asks for, where it is not answered in words."""


def classify(
    playbook: Playbook, heard: Heard, weights: Weights = WEIGHTS, *, below: float = 2.0
) -> tuple[Intent, ObjectionType | None]:
    """The intent of a message, and the objection where it is one; ``below`` as in `likeness`."""
    plain = _plain(heard)
    if plain:
        return plain, None
    like = likeness(playbook, heard.text, heard.languages, below=below)
    scores = _scores(heard, like, weights)
    best = max(scores, key=lambda intent: scores[intent])
    kind, doubt = _doubt(heard, like, weights)
    if doubt >= weights.threshold and doubt > scores[best]:
        return "objection", kind
    return best, None


def _plain(heard: Heard) -> Intent | None:
    """What needs no weighing."""
    at, folded = heard.at, heard.folded
    if says("asks_if_ai", folded, heard.languages):
        return "asks_if_ai"
    if says("refusal", folded, heard.languages):
        return "refusal"
    if says_only("yes", folded):
        answers = at.question is not None and at.question.kind in ("yes_no", "choice")
        return "answer" if answers else "ready_to_buy" if at.pitched else "small_talk"
    if bare_quantity(folded):
        return "answer"
    if says_only("no", folded):
        return "answer" if at.question else "refusal"
    return None


def _scores(heard: Heard, like: dict[Label, float], weights: Weights) -> dict[Intent, float]:
    buys = says("ready_to_buy", heard.folded, heard.languages)
    chats = says("small_talk", heard.folded, heard.languages)
    asks = weights.asking * says("question", heard.folded, heard.languages) + weights.mark * (
        "?" in heard.folded
    )
    scores: dict[Intent, float] = {
        "answer": like["answer"]
        + weights.open_question * (heard.at.question is not None and not heard.demands)
        + weights.fits * (heard.answer is not None),
        "question": like["question"] + (0 if buys else asks),
        "ready_to_buy": like["ready_to_buy"] + weights.rule if buys else _certain(like["ready_to_buy"]),
        "refusal": _certain(like["refusal"]),
        "small_talk": like["small_talk"] + weights.rule * chats,
    }
    if heard.at.pitched:
        yes = begins_with("yes_first", heard.folded) is not None and (buys or not asks)
        no = begins_with("no", heard.folded) is not None
        scores["answer"] -= weights.pitched
        scores["ready_to_buy"] += weights.rule * yes - weights.pitched * (not buys and not yes)
        scores["refusal"] += weights.pitched * no
    return scores


def _certain(cosine: float) -> float:
    """What sells or ends a conversation must be nearly a known phrasing, or found by a rule."""
    return cosine if cosine >= _NEARLY_THE_SAME else cosine / 2


def _doubt(heard: Heard, like: dict[Label, float], weights: Weights) -> tuple[ObjectionType, float]:
    """The likeliest objection and what speaks for it; of several rules the longest finding counts in full."""
    found = doubts(heard.folded, heard.languages)
    longest = max(found.values(), default=1)
    pointed_at = cues(heard.folded, heard.languages) if heard.at.pitched else {}
    scores: dict[ObjectionType, float] = {}
    for kind in TYPES:
        near = like.get(kind, -1.0)
        if kind in found or kind in pointed_at or near >= weights.unaided:
            scores[kind] = near + weights.cue * pointed_at.get(kind, 0)
        if kind in found:
            scores[kind] += weights.rule * (1 + found[kind] / longest) / 2 + weights.mark * (
                "?" in heard.folded
            )
    kind = max(scores, key=lambda kind: scores[kind], default="other")
    return kind, scores.get(kind, -1.0) + weights.pitched * heard.at.pitched - _aside(heard, weights)


def _aside(heard: Heard, weights: Weights) -> float:
    """What speaks against an objection: it may be the answer to the open question."""
    if heard.at.question is None or heard.at.question.kind != "text" or heard.demands:
        return 0
    return weights.elsewhere + weights.others * says("others", heard.folded, heard.languages)
