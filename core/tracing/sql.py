"""Statements as spans, with placeholders for every value."""

from typing import Any, Self

from opentelemetry import trace
from psycopg import AsyncCursor, sql
from psycopg.rows import DictRow

from core.tracing.spans import span

_FRAME = ("begin", "commit", "rollback", "select set_config(")
"""What every transaction has, and tells nothing."""


class TracedCursor(AsyncCursor[DictRow]):
    """Makes a span of each statement of a turn, a request or a job."""

    async def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Execute as ever."""
        text = statement(query)
        if text.startswith(_FRAME) or not trace.get_current_span().is_recording():
            return await super().execute(query, params, **options)
        with span(f"SQL {text.split(None, 1)[0]}", db__system__name="postgresql", db__query__text=text):
            return await super().execute(query, params, **options)


def statement(query: Any) -> str:
    """The text of a statement without any value in it."""
    if isinstance(query, bytes):
        return query.decode()
    if isinstance(query, sql.Composed):
        return "".join(statement(part) for part in query)
    if isinstance(query, sql.Literal):
        return "?"
    return query.as_string(None) if isinstance(query, sql.Composable) else str(query)
