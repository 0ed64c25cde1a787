"""Playbooks of other trades than the default one."""

from typing import Any

from agent.playbook.schema import Playbook
from agent.playbook.validation import validate

WHY = {"why": "Damit die Kurse passen."}
ABO = {
    "id": "abo", "name": "Yoga-Abo", "price": 4900, "currency": "EUR", "billing": "month",
    "summary": "Jede Woche zwei Stunden im Studio oder online, monatlich kündbar.",
    "ideal_for": "Menschen, die regelmäßig üben wollen",
}  # fmt: skip


def german_studio(**changes: Any) -> Playbook:
    """A studio that sells one thing by the month, asks in German and takes no payment in the chat."""
    document: dict[str, Any] = {
        "business": "Lichtblick ist ein Yogastudio in Köln für Menschen mit Rückenschmerzen.",
        "agent": {"name": "Mia", "voice": "Freundlich und knapp."},
        "opening": "Hallo! Hast du gerade Rückenschmerzen?",
        "questions": [
            {"field": "pain", "question": "Hast du gerade Rückenschmerzen?", "kind": "yes_no", **WHY},
            {"field": "months", "question": "Seit wie vielen Monaten ist das so?", "kind": "number", **WHY},
            {"field": "goal", "question": "Was möchtest du erreichen?", "kind": "text", **WHY},
        ],
        "offers": [ABO],
        "objections": [
            {"type": "price", "examples": ["zu teuer"], "answer": "Das verstehe ich, gut ist nie billig."},
            {"type": "price", "examples": ["Budget ist knapp"], "answer": "Dann fang lieber erst später an."},
        ],
        "links": ["https://lichtblick.example/kurse"],
    }  # fmt: skip
    return validate({**document, **changes})
