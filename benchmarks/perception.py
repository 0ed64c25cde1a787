"""How often a message is understood without a model: on labelled messages that nothing was tuned on."""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from agent.perception import perceive
from agent.perception.intents import WEIGHTS, classify
from agent.perception.listening import heard
from agent.playbook.default import default_playbook
from agent.playbook.schema import FieldValue
from agent.responders.base import Message
from benchmarks.tables import Table

LABELLED = Path(__file__).parents[1] / "tests" / "agent" / "perception"
Part = Literal["tuning", "held_out"]
THRESHOLDS = (0.4, 0.5, 0.55, 0.6, 0.7, 0.8)
_ITSELF = 0.985
"""From this cosine on a phrasing is the message itself."""
_PITCH = (
    "The Client Engine Program takes eight weeks, with a group session every week. It's $497, paid once. "
)
_SAID_BEFORE = {
    "offer": _PITCH + "Does that sound like what you need?",
    "link": _PITCH + "Shall I send you the link?",
}


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message, where it came (a field's name, ``offer`` or ``link``), and what it should be taken for."""

    text: str
    at: str
    language: str
    intent: str
    objection: str | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    written: Literal["before", "after"] = "before"
    """Whether its author knew the rules when it was written: ``before`` all of them, or ``after``."""

    @property
    def label(self) -> str:
        """The intent, or the type of objection."""
        return self.objection or self.intent

    def conversation(self) -> tuple[list[Message], list[str], dict[str, FieldValue]]:
        """Messages, fields asked for and fields known, as the graph would have them."""
        names = [question.field for question in default_playbook().questions]
        asked = names if self.at in _SAID_BEFORE else names[: names.index(self.at) + 1]
        known: dict[str, FieldValue] = dict.fromkeys(
            asked if self.at in _SAID_BEFORE else asked[:-1], "known"
        )
        question = default_playbook().question_for(self.at)
        before = question.question if question else _SAID_BEFORE[self.at]
        return [Message("ai", before), Message("human", self.text)], asked, known


def labelled(part: Part) -> list[Labelled]:
    """The messages of one part."""
    lines = (LABELLED / f"{part}.jsonl").read_text(encoding="utf-8").splitlines()
    return [Labelled(**json.loads(line)) for line in lines]


def measure() -> Mapping[str, Any]:
    """Figures on the part that was held out: shares from 0 to 1, and milliseconds a message.

    ``accuracy`` is the share whose intent and objection are both right, ``unseen`` the same of those that
    were written when all rules stood; ``facts`` the share of stated facts found with their value,
    ``language`` of languages; ``classes`` gives precision, recall and number for each label.
    """
    messages = labelled("held_out")
    perceive(default_playbook(), *messages[0].conversation())  # loads the weights
    begun = time.process_time()
    results = [perceive(default_playbook(), *message.conversation()) for message in messages]
    spent = time.process_time() - begun
    got = [seen["objection"] or seen["intent"] for seen, _ in results]
    facts = [
        found.get(name) == value
        for message, (_, found) in zip(messages, results, strict=True)
        for name, value in message.fields.items()
    ]
    right = [message.label == label for message, label in zip(messages, got, strict=True)]
    return {
        "messages": len(messages),
        "accuracy": _share(right),
        "unseen": _share(
            ok for ok, message in zip(right, messages, strict=True) if message.written == "after"
        ),
        "facts": _share(facts),
        "language": _share(
            seen["language"] == message.language for message, (seen, _) in zip(messages, results, strict=True)
        ),
        "ms": spent * 1000 / len(messages),
        "classes": _classes([message.label for message in messages], got),
    }


def by_threshold() -> Mapping[float, float]:
    """The accuracy on the tuning part, for each threshold of an objection.

    Many of these messages stand among the phrasings by now; none is compared with itself.
    """
    playbook = default_playbook()
    messages = [(message.label, heard(playbook, *message.conversation())) for message in labelled("tuning")]
    return {
        threshold: _share(
            label == (objection or intent)
            for label, one in messages
            for intent, objection in [
                classify(playbook, one, replace(WEIGHTS, threshold=threshold), below=_ITSELF)
            ]
        )
        for threshold in THRESHOLDS
    }


def main(args: argparse.Namespace) -> None:
    """Measure and print."""
    figures = measure()
    table = Table(f"{figures['messages']} messages that were held out", ("precision", "recall", "messages"))
    for label, (precision, recall, count) in figures["classes"].items():
        table.row(label, f"{precision:.2f}", f"{recall:.2f}", str(count))
    table.print()
    print(f"intent and objection right: {figures['accuracy']:.1%}")
    print(f"the same, written when all rules stood: {figures['unseen']:.1%}")
    print(f"facts: {figures['facts']:.1%}, language: {figures['language']:.1%}")
    print(f"CPU: {figures['ms']:.2f} ms a message\n")
    if not args.quick:
        tuned = Table("threshold of an objection", ("accuracy on the tuning part",))
        for threshold, accuracy in by_threshold().items():
            tuned.row(f"{threshold:.2f}{' *' * (threshold == WEIGHTS.threshold)}", f"{accuracy:.1%}")
        tuned.print()


def _classes(wanted: Sequence[str], got: Sequence[str]) -> dict[str, tuple[float, float, int]]:
    counts, taken = Counter(wanted), Counter(got)
    right = Counter(label for label, other in zip(wanted, got, strict=True) if label == other)
    return {
        label: (right[label] / taken[label] if taken[label] else 0.0, right[label] / count, count)
        for label, count in sorted(counts.items())
    }


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted)
