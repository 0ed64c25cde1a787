"""What a finished turn tells whoever comes back."""

from api.chat.events import FAILED_AT, told_again


def test_a_failed_turn_says_so_once() -> None:
    turn = {"status": "failed"}
    for read in (0, 1, 500):
        (event,) = told_again(turn, read)
        assert (event.position, event.kind) == (FAILED_AT, "error")
        assert event.data["error"]["code"] == "INTERNAL_ERROR"
    assert told_again(turn, FAILED_AT) == []
