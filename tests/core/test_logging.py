"""What a log line says of a fault, and what not."""

import json
import subprocess
import sys

import pytest

PROGRAM = """
import psycopg, structlog
from core.logging import configure_logging

configure_logging("DEBUG", "{form}")

class RowRefused(psycopg.errors.CheckViolation):
    pass

def fail():
    password = "canary" + "-in-a-local"
    raise RowRefused("new row violates a check\\nDETAIL:  Failing row contains (canary-in-a-row, 1).")

try:
    fail()
except RowRefused:
    structlog.get_logger().exception("request_failed", path="/x")
    import logging
    logging.getLogger("a.library").exception("it failed, too")
"""


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_traceback_shows_neither_locals_nor_rows(form: str) -> None:
    program = PROGRAM.replace("{form}", form)
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stderr.count("RowRefused: new row violates a check") == 2
    assert "in fail" in ran.stderr
    assert "canary-in-a" not in ran.stderr
    if form == "json":
        first = json.loads(ran.stderr.splitlines()[0])
        assert (first["event"], first["level"], first["path"]) == ("request_failed", "error", "/x")
