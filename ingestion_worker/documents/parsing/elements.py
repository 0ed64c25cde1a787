"""Shaping what `unstructured` finds: its offline language model, its headings, its tables."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

import spacy
from lxml import etree, html
from unstructured.documents.elements import Element, ListItem, Table, Text, Title
from unstructured.nlp import tokenize

_HEADER_CELL = 60
_HEADING = 90


def go_offline() -> None:
    """Give `unstructured` a sentence splitter of our own: its model would be downloaded."""
    tokenize._load_spacy_model = _sentences_only
    logging.disable(logging.CRITICAL)


def _sentences_only() -> Any:
    language = spacy.blank("en")
    language.add_pipe("sentencizer")
    return language


def shaped(elements: Iterable[Element]) -> Iterator[Element]:
    """The elements that carry text, with tables as readable lines and bold lines as headings."""
    for element in elements:
        if isinstance(element, Table):
            yield from _rows(element)
        elif element.text and element.text.strip():
            yield _heading_if_bold(element)


def heading(text: str, depth: int, page: int | None = None) -> Title:
    """A heading; the smaller ``depth``, the higher it stands."""
    title = Title(text=text)
    title.metadata.category_depth = depth
    title.metadata.page_number = page
    return title


def _heading_if_bold(element: Element) -> Element:
    """Many owners write their headings as bold lines, without a style."""
    emphasized = element.metadata.emphasized_text_contents or []
    is_line = len(element.text) <= _HEADING and not element.text.rstrip().endswith((".", ",", ";"))
    if isinstance(element, Title | ListItem) or not is_line or "".join(emphasized) != element.text:
        return element
    if "b" not in (element.metadata.emphasized_text_tags or []):
        return element
    return heading(element.text, 8, element.metadata.page_number)


def _rows(table: Table) -> Iterator[Text]:
    rows = table_rows(table.metadata.text_as_html or "")
    for line in row_lines(rows, has_header=_is_header(rows)) or [table.text]:
        text = Text(text=line)
        text.metadata.page_number = table.metadata.page_number
        yield text


def table_rows(markup: str) -> list[list[str]]:
    """The cells of an HTML table, row by row."""
    if not markup:
        return []
    tree: etree._Element = html.fragment_fromstring(markup)
    cells = [[" ".join(cell.itertext()) for cell in row.iter("td", "th")] for row in tree.iter("tr")]
    return [[" ".join(text.split()) for text in row] for row in cells if any(row)]


def row_lines(rows: list[list[str]], *, has_header: bool) -> list[str]:
    """Each row as a line that is understood alone: ``Plan: Basic; Price: 49 USD``."""
    if not has_header:
        return [" | ".join(filter(None, row)) for row in rows]
    return [_labelled(rows[0], row) for row in rows[1:]]


def _is_header(rows: list[list[str]]) -> bool:
    """Whether the first row looks like the others' names: short, different, without figures."""
    cells = rows[0] if len(rows) > 1 else []
    return (
        len(cells) > 1
        and len(set(cells)) == len(cells)
        and all(len(cell) <= _HEADER_CELL and not cell[:1].isdigit() for cell in cells)
        and all(cells[1:])
    )


def _labelled(header: list[str], row: list[str]) -> str:
    pairs = zip(header, row + [""] * (len(header) - len(row)), strict=False)
    return "; ".join(f"{name}: {value}" if name else value for name, value in pairs if value)
