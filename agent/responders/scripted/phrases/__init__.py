"""The scripted agent's own words, one module for each language; what is sold is never in here."""

from collections.abc import Mapping

from agent.responders.scripted.phrases.de import GERMAN
from agent.responders.scripted.phrases.en import ENGLISH
from agent.responders.scripted.phrases.es import SPANISH
from agent.responders.scripted.phrases.fr import FRENCH

Phrases = Mapping[str, tuple[str, ...]]
LANGUAGES: Mapping[str, Phrases] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH, "fr": FRENCH}


def phrases_for(language: str) -> Phrases:
    """The phrases of an ISO 639-1 language, English where there are none."""
    return LANGUAGES.get(language, ENGLISH)
