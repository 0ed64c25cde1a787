"""The lead's language, beside a playbook in its own."""

import pytest

from agent.responders.scripted.written import written_in
from tests.agent.scripted.known import AREA
from tests.agent.scripted.playbooks import german_studio
from tests.agent.scripted.talking import Says, asks, talk, tells


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "note"), [("de", "auf Englisch"), ("es", "en inglés"), ("fr", "en anglais")]
    )
    async def test_the_lead_is_told_once_that_the_questions_are_in_another_language(
        self, language: str, note: str
    ) -> None:
        said = await talk(
            tells("fitness", coaching_area="fitness"),
            tells("online", business_type="online"),
            language=language,
        )
        assert note in said[0]
        assert note not in said[1]

    async def test_there_is_no_such_note_where_both_are_the_same(self) -> None:
        said = await talk(tells("ja", pain=True), playbook=german_studio(), language="de")
        assert "Meine Fragen" not in said[0]

    async def test_prices_are_written_the_languages_way(self) -> None:
        said = [(await talk(asks("?? Preis"), language=language))[0] for language in ("de", "fr", "en")]
        assert "1.997 $" in said[0]
        assert "1\u00a0997 $" in said[1]
        assert "$1,997" in said[2]

    async def test_a_language_without_phrases_gets_english(self) -> None:
        said = await talk(Says("ciao", "asks_if_ai"), language="it")
        assert "AI" in said[0]
        assert said[0].endswith(AREA)


@pytest.mark.parametrize(
    ("opening", "language"),
    [
        ("Are you a coach in health, and how do you get your clients right now?", "en"),
        ("Bist du ein Coach für Gesundheit, und wie gewinnst du gerade deine Kunden?", "de"),
        ("¿Eres coach de salud y cómo consigues a tus clientes en este momento?", "es"),
        ("Êtes-vous coach en santé, et comment trouvez-vous vos clients pour le moment ?", "fr"),
        ("Sei un coach nel campo della salute, e come trovi i tuoi clienti con costanza?", None),
        ("Você é coach de saúde, e como consegue os seus clientes sem anúncios?", None),
    ],
)
def test_the_language_of_a_playbook(opening: str, language: str | None) -> None:
    question = {"field": "area", "question": opening, "why": "-"}
    assert written_in(german_studio(business=opening, opening=opening, questions=[question])) == language
