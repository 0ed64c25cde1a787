"""The picture in the README."""

from pathlib import Path

import pytest

from agent.picture import picture, with_picture
from agent.routing import SPEAKERS

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_shows_the_graph_as_it_is() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_picture(text) == text, "run `make graph`"


def test_it_shows_every_speaker() -> None:
    assert all(f"perceive -.-> {speaker};" in picture() for speaker in SPEAKERS)


def test_a_page_without_a_place_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="one place"):
        with_picture("# Limitless\n")
