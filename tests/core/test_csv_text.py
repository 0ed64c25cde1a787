"""A spreadsheet that opens our CSV finds no formula in it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_text import csv_line

FORMULAS = ("=1+1", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")')


def read(line: str) -> list[str]:
    (row,) = csv.reader(io.StringIO(line, newline=""))
    return row


@pytest.mark.parametrize("text", FORMULAS)
def test_what_looks_like_a_formula_is_a_text(text: str) -> None:
    assert read(csv_line(["a", text, {"k": text}]))[1] == f"'{text}"


@given(st.lists(st.text(alphabet="=+-@\t\r\n\",;' a1", max_size=8), min_size=1, max_size=4))
def test_no_cell_begins_like_a_formula_and_none_runs_into_the_next(texts: list[str]) -> None:
    cells = read(csv_line([*texts, "end"]))
    assert len(cells) == len(texts) + 1
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell.removeprefix("'") for cell in cells[:-1]] == [text.removeprefix("'") for text in texts]


def test_numbers_stay_numbers() -> None:
    assert read(csv_line([-5, 0.5, None])) == ["-5", "0.5", ""]
