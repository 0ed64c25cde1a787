"""What the word lists make of what leads write."""

import pytest

from agent.responders.scripted.words import begins, folded, has, only_greets, themes, topics


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("How much is it?", ["price"]),
        ("how much time would I need", ["duration"]),
        ("How much is it, and how long does it take?", ["price", "duration"]),
        ("What's included in the program?", ["included"]),
        ("Who is it for?", ["for_whom"]),
        ("Is this right for me?", ["for_whom"]),
        ("can I get my money back", ["refund"]),
        ("can i pay in installments", ["instalments"]),
        ("any discount?", ["discount"]),
        ("Do you guarantee clients?", ["guarantee"]),
        ("who are you", ["identity"]),
        ("who is this?", ["identity"]),
        ("what do you want from me", ["what"]),
        ("Can I talk to a human?", ["human"]),
        ("why?", ["why"]),
        ("What is this?", ["what"]),
        ("Which options are there", ["options"]),
        ("Wie viel kostet das?", ["price"]),
        ("wie lange dauert das", ["duration"]),
        ("Was ist da alles drin?", ["included"]),
        ("Für wen ist das?", ["for_whom"]),
        ("Kann ich in Raten zahlen?", ["instalments"]),
        ("Worum geht's hier", ["what"]),
        ("¿Cuánto cuesta?", ["price"]),
        ("¿Cuánto tiempo dura?", ["duration"]),
        ("¿Qué incluye?", ["included"]),
        ("¿Para quién es?", ["for_whom"]),
        ("¿Quién eres?", ["identity"]),
        ("Combien ça coûte ?", ["price"]),
        ("Combien de temps ça dure ?", ["duration"]),
        ("C'est pour qui ?", ["for_whom"]),
        ("Comment ça marche ?", ["what"]),
        ("Is there parking nearby?", []),
    ],
)
def test_topics(words: str, expected: list[str]) -> None:
    assert topics(folded(words))[: len(expected) or None] == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Mostly word of mouth", ["referrals"]),
        ("Instagram and referrals", ["referrals", "social"]),
        ("I don't use Instagram", []),
        ("ich mache kein Instagram", []),
        ("It's feast or famine", ["up_and_down"]),
        ("Empfehlungen von Kunden", ["referrals"]),
        ("el boca a boca", ["referrals"]),
        ("le bouche-à-oreille", ["referrals"]),
        ("They ghost me after the call", ["stalling"]),
        ("yoga for busy moms", ["clear_audience"]),
        ("the Tuesday class", []),
    ],
)
def test_themes_leave_out_what_is_denied(words: str, expected: list[str]) -> None:
    assert list(themes(folded(words))) == expected


@pytest.mark.parametrize(
    ("words", "cue"),
    [
        ("Yes!", "yes"),
        ("Sí, claro", "yes"),
        ("oui", "yes"),
        ("Nope", "no"),
        ("nein danke", "no"),
        ("¡Hola!", "greeting"),
        ("Grüß Gott", "greeting"),
    ],
)
def test_cues_at_the_beginning(words: str, cue: str) -> None:
    assert begins(folded(words), cue)


def test_a_word_that_only_begins_like_a_cue_is_none() -> None:
    assert not begins(folded("Nobody told me"), "no")
    assert not begins(folded("Hiking"), "greeting")


@pytest.mark.parametrize("words", ["I'd rather not say", "skip", "prefiero no decirlo", "keine Angabe"])
def test_leads_who_keep_something_to_themselves(words: str) -> None:
    assert has(folded(words), "skip")


def test_a_greeting_with_an_answer_behind_it_is_more_than_a_greeting() -> None:
    assert only_greets(folded("Hey there!"))
    assert not only_greets(folded("Hi, I coach runners in Berlin"))
