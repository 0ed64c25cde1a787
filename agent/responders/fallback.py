"""Whoever was asked to speak, and the scripted agent behind it: a lead never sees an error."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from agent.responders.base import Brief, Reading, Responder
from core.errors import OutsideError
from core.metrics import count_model_error

CUT_OFF = {
    "en": "… Sorry, my connection dropped for a moment there.",
    "de": "… Entschuldige, da war meine Verbindung kurz weg.",
    "es": "… Perdona, se me cortó la conexión un momento.",
    "fr": "… Désolé, ma connexion a coupé un instant.",
    "it": "… Scusa, mi è caduta la connessione per un attimo.",
    "nl": "… Sorry, mijn verbinding viel even weg.",
    "pt": "… Desculpe, a minha ligação caiu por um momento.",
}


class FallbackResponder:
    """One turn's responder: ``primary``, and ``scripted`` once that has failed.

    ``degraded`` says that it did, ``fault`` how. Make one for each turn.
    """

    def __init__(self, primary: Responder, scripted: Responder) -> None:
        self._speaker = primary
        self._scripted = scripted
        self.fault: OutsideError | None = None

    @property
    def name(self) -> str:
        """Who speaks now."""
        return self._speaker.name

    @property
    def scripted(self) -> bool:
        """Whether who speaks now does so without a model."""
        return self._speaker.scripted

    @property
    def degraded(self) -> bool:
        """Whether the words had to come from another than was asked, or broke off."""
        return self.fault is not None

    async def stream(self, brief: Brief) -> AsyncGenerator[str, None]:
        """The primary's words; from the start or, after some of them, to a clean end, ours when it fails."""
        begun = False
        try:
            async with aclosing(self._speaker.stream(brief)) as pieces:
                async for piece in pieces:
                    begun = begun or bool(piece.strip())
                    yield piece
        except OutsideError as fault:
            self.fault = fault
            count_model_error("reply", fault)
        if self.fault and begun:
            yield _clean_end(brief)
        elif not begun:
            async with aclosing(self._instead(brief)) as pieces:
                async for piece in pieces:
                    yield piece

    async def read(self, brief: Brief) -> Reading:
        """The message as fields; a primary that just failed is not asked again."""
        reader = self._scripted if self.degraded else self._speaker
        return await reader.read(brief)

    def _instead(self, brief: Brief) -> AsyncGenerator[str, None]:
        self.fault = self.fault or OutsideError(f"{self.name} had nothing to say.")
        self._speaker = self._scripted
        return self._speaker.stream(brief)


def _clean_end(brief: Brief) -> str:
    sorry = CUT_OFF.get(brief.perception["language"], CUT_OFF["en"])
    return f"{sorry} {brief.next_question.question}" if brief.next_question else sorry
