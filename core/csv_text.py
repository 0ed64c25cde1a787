"""CSV that a spreadsheet may open: no cell of it is a formula."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

import orjson

_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Also as wide as Chinese characters: some spreadsheets take those for the same."""
_CONTROL: Final = ("\t", "\r", "\n")


def csv_line(values: Iterable[Any]) -> str:
    """One line with its end; structures become JSON, a text that begins like a formula gets a quote."""
    out = io.StringIO()
    csv.writer(out).writerow([_cell(value) for value in values])
    return out.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = orjson.dumps(value).decode()
    if isinstance(value, str) and (value.startswith(_CONTROL) or value.lstrip().startswith(_FORMULA)):
        return f"'{value}"
    return value
