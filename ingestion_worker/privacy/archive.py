"""An export as one file: everything as JSON, and each kind as a table."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from core.csv_text import csv_line

Row = Mapping[str, Any]
Holdings = Mapping[str, Sequence[Row]]
"""What is held, by kind."""


def zipped(holdings: Holdings) -> bytes:
    """``data.json`` with all of it, and a CSV for each kind that holds something."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", orjson.dumps(holdings, option=orjson.OPT_INDENT_2))
        for kind, rows in holdings.items():
            if rows:
                archive.writestr(f"{kind}.csv", _table(rows))
    return out.getvalue()


def _table(rows: Sequence[Row]) -> str:
    columns = list(rows[0])
    lines = [csv_line(columns), *(csv_line(row.get(column) for column in columns) for row in rows)]
    return "".join(lines)
