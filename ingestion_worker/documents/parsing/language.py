"""Which language a document is written in."""

from langdetect import DetectorFactory, LangDetectException, detect_langs

SAMPLE_CHARACTERS = 4_000
_ENOUGH = 40
_SURE = 0.8


def language_of(sample: str) -> str | None:
    """The ISO 639-1 code, None for a text too short or too mixed to tell."""
    DetectorFactory.seed = 0
    if len(sample) < _ENOUGH:
        return None
    try:
        best = detect_langs(sample[:SAMPLE_CHARACTERS])[0]
    except LangDetectException:
        return None
    return str(best.lang)[:2] if best.prob >= _SURE else None
