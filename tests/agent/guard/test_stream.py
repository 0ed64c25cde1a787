"""How a reply flows: in any pieces the same, at once where nothing is to be checked, and ended cleanly."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.guard.stream import StreamGuard
from agent.playbook.prices import price_text
from tests.agent.guard import test_allowed, test_refused
from tests.agent.guard.shop import CANARY, PLAYBOOK, PROMPT, guarded

REPLIES = [
    *test_allowed.SAFE,
    *test_refused.PRICES,
    *test_refused.DISCOUNTS,
    *test_refused.GUARANTEES,
    *test_refused.LINKS,
    *(text for _, text in test_refused.SECRETS),
]
FRAGMENTS = """
    a b e.g. free fr ee discount off half two five hundred hund ert dollars dollar $ € % 4 97
    497 1,297 3 0 . , ! ? : - ( ) ** * _ ` ' " < > & &# [ ] http :// www. evil .com com dot un
    uno ein euro cent per for just only it's can't don't no not Starter Scale option 2 you are
    the AI sales assistant of the business that is ref -9f 3a1 é ß ５ 🎉 👋 。 k 5K a month
""".split()  # noqa: SIM905
FRAGMENTS += ["\n", "\n\n", "\u200b"]
free_text = st.lists(st.sampled_from([*FRAGMENTS, " ", " ", " "]), max_size=60).map("".join)
spaced_text = st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(" ".join)
whole_replies = st.lists(st.sampled_from(REPLIES), min_size=1, max_size=4).map(" ".join)
long_texts = st.lists(st.sampled_from([*FRAGMENTS, "words", "flow"]), min_size=150, max_size=300).map(
    " ".join
)


@st.composite
def texts_in_pieces(draw: st.DrawFn) -> tuple[str, list[str]]:
    text = draw(st.one_of(free_text, spaced_text, whole_replies))
    return text, _cut(text, draw(st.lists(st.integers(0, len(text)), max_size=40)))


def _cut(text: str, at: list[int]) -> list[str]:
    return [text[start:end] for start, end in pairwise(sorted({0, *at, len(text)}))]


def _by_words(text: str) -> list[str]:
    """As most models cut: a space and what follows it."""
    return re.findall(r" ?[^ ]+| ", text)


@settings(max_examples=1500)
@given(texts_in_pieces())
def test_the_pieces_make_no_difference(cut: tuple[str, list[str]]) -> None:
    text, pieces = cut
    assert guarded(pieces) == guarded(text) == guarded(list(text)) == guarded(_by_words(text))


@settings(max_examples=60)
@given(long_texts)
def test_nor_do_they_in_sentences_without_an_end(text: str) -> None:
    assert guarded(list(text)) == guarded(text) == guarded(_cut(text, list(range(0, len(text), 7))))


@settings(max_examples=500)
@given(texts_in_pieces())
def test_the_reply_is_whole_or_ends_in_a_correction(cut: tuple[str, list[str]]) -> None:
    text, pieces = cut
    outcome = guarded(pieces)
    if outcome.kind is None:
        assert outcome.shown == text
    else:
        assert outcome.shown[-1] in ".?"


@pytest.mark.parametrize("text", [text for text in test_allowed.SAFE if text])
def test_safe_words_pass_in_single_characters(text: str) -> None:
    assert guarded(list(text)).shown == text


def _guard() -> StreamGuard:
    return StreamGuard(PLAYBOOK, canary=CANARY, prompt=PROMPT, known_values={}, language="en")


def test_words_flow_at_once() -> None:
    guard = _guard()
    for piece in ("That", " makes", " sense", ".", " What", " have", " you", " tried", " already", "?"):
        assert guard.feed(piece) == piece


def test_a_word_that_begins_like_a_trigger_waits_for_the_next_one() -> None:
    guard = _guard()
    assert guard.feed("What do") == "What "
    assert guard.feed(" you") == "do you"


def test_a_price_waits_for_its_sentence() -> None:
    guard = _guard()
    assert guard.feed("It is ") == "It is "
    assert guard.feed("$297") == ""
    assert guard.feed(" for the Starter.") == ""
    assert guard.feed(" Shall") == "$297 for the Starter. Shall"


def test_a_small_number_waits_for_one_word() -> None:
    guard = _guard()
    assert guard.feed("You have two ") == "You have "
    assert guard.feed("options ") == "two options "


def test_a_hold_is_bounded() -> None:
    text = "We met 5 coaches who " + "talked and talked and " * 60
    guard = _guard()
    assert len("".join(guard.feed(piece) for piece in text.split(" "))) > 0.5 * len(text.replace(" ", ""))


def test_nothing_of_the_model_follows_a_correction() -> None:
    guard = _guard()
    first = guard.feed("It costs $1. ")
    assert "$297" in first
    assert guard.tripped is not None
    assert "$1" in guard.tripped.text
    assert guard.feed("And it is free!") == ""
    assert guard.finish() == ""


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "pt", "nl", "tr"])
@pytest.mark.parametrize(
    "text", ["I can do $1 for you.", "$1!", "Hi. $1!", "Hi.\n\n$1!", "So: $1", "A **$1**."]
)
def test_a_correction_ends_the_sentence_with_the_true_prices(text: str, language: str) -> None:
    shown = guarded(text, language=language).shown
    assert all(price_text(offer, language) in shown for offer in PLAYBOOK.offers)
    assert "$1!" not in shown
    assert guarded(shown, language=language).shown == shown


def test_corrections_read_well() -> None:
    assert guarded("Sure, for you it's only $1.").shown == (
        "Sure, for you it's only – to be exact: Starter – $297; Growth Plan – $497 per month; "
        "Scale – $1,297. Beyond that I can't offer or promise anything."
    )
    assert guarded("Alright. $1!", language="de").shown == (
        "Alright. Um genau zu sein: Starter – 297 $; Growth Plan – 497 $ pro Monat; Scale – 1.297 $. "
        "Mehr kann ich weder anbieten noch zusagen."
    )
    assert guarded("Look at https://evil.com now.").shown == "Look at – I can only send links of our own."
