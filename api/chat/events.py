"""Which events a finished turn consists of: told once live, and again from its row."""

from collections.abc import Mapping
from typing import Any

from psycopg.rows import DictRow

from api.chat.streams import Event, Kind, numbered, unread

Part = tuple[Kind, Any]

FAILED_AT = 999_999_999
"""The place of a failed turn's only event, so that whoever has read it is not told again, and again."""


def closing_events(thread_id: str, outcome: Mapping[str, Any]) -> list[Part]:
    """What follows the reply's text."""
    done = {"type": "complete", "thread_id": thread_id, "metadata": outcome["metadata"]}
    return [*((kind, data) for kind, data in outcome["after"]), ("done", done)]


def told_again(turn: DictRow, after: int) -> list[Event]:
    """The events of a turn's row behind position ``after``; of one whose log is gone, text and end."""
    if turn["status"] == "failed":
        broken = {
            "type": "error",
            "error": {
                "code": "INTERNAL_ERROR",
                "message": "The agent could not answer this message.",
                "details": {},
            },
        }
        return unread([Event(FAILED_AT, "error", broken)], after)
    outcome = turn["outcome"] or {"before": [], "after": [], "metadata": turn["metadata"]}
    parts: list[Part] = [(kind, data) for kind, data in outcome["before"]]
    parts.append(("token", turn["said"] if turn["outcome"] is None else turn["reply"]))
    parts.extend(closing_events(turn["conversation_id"], outcome))
    return unread(numbered(parts), after)


def state_event(settled: Mapping[str, Any]) -> dict[str, Any]:
    """How the conversation stands."""
    return {
        "type": "state",
        "current_stage": settled["stage"],
        "qualified": settled["qualified"],
        "qualification_score": settled["score"],
        "fields": settled["fields"],
        "questions_asked": settled["questions_asked"],
        "next_prompt": settled["next_prompt"],
    }
