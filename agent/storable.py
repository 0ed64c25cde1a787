"""Text from outside, made fit for JSON and for Postgres."""


def storable(text: str) -> str:
    """Without NUL, which Postgres does not take, and without lone surrogates, which nothing takes."""
    if text.isascii() and "\x00" not in text:
        return text
    return text.encode("utf-8", "replace").decode().replace("\x00", "")
