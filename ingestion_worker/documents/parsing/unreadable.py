"""Why a file cannot be read, in words for its owner."""


class Scanned(Exception):
    """There are pages and no text on them: only optical recognition can read this file."""


class Unreadable(Exception):
    """This file will fail the same way each time. ``code`` is for programs, ``reason`` for its owner."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
