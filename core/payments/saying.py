"""What the agent says on its own account: a thank-you, a word to who comes back."""

from typing import Any

from psycopg.rows import DictRow

from core.database.pool import Connection
from core.payments import repository


async def say_apart(connection: Connection, conversation: DictRow, text: str) -> None:
    """Say it, in the transcript and to every page that is open; the conversation's row must be locked."""
    await repository.say_apart(connection, conversation, text, _outcome(conversation))


def _outcome(conversation: DictRow) -> dict[str, Any]:
    """What a turn's row tells its readers: how the conversation stands, and who spoke."""
    state = {
        "type": "state",
        "current_stage": conversation["stage"],
        "qualified": conversation["qualified"],
        "qualification_score": conversation["qualification_score"],
        "fields": conversation["fields"],
        "questions_asked": conversation["questions_asked"],
        "next_prompt": conversation["next_prompt"],
    }
    metadata = {
        "current_stage": conversation["stage"],
        "agent": "closer_agent",
        "questions_asked": conversation["questions_asked"],
        "qualified": conversation["qualified"],
        "offer_shown": conversation["offer_shown"],
        "language": conversation["language"],
        "model": "scripted",
        "scripted": True,
        "degraded": False,
        "guarded": False,
        "reading_error": None,
    }
    return {"before": [], "after": [["state", state]], "metadata": metadata}
