"""The parser of streamed completions, on bytes as they come off the wire."""

import pytest

from core.errors import TerminalOutsideError, TransientOutsideError
from core.models.completion_stream import CompletionStream

SAID = "Héllo – 日本 🎉"


def wire(line_end: bytes = b"\n", *, ended: bool = True) -> bytes:
    events = [
        b'data: {"choices":[{"delta":{"role":"assistant","content":""}}]}',
        b": keep-alive",
        *(
            b'data: {"choices":[{"delta":{"content":"%b"},"finish_reason":null}]}' % char.encode()
            for char in SAID
        ),
        b'event: message\ndata: {"choices":[],"usage":{"total_tokens":3}}'.replace(b"\n", line_end),
        b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}',
        b"data: [DONE]",
    ]
    return b"".join(event + line_end * 2 for event in (events if ended else events[:-2]))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 100_000])
def test_says_the_same_however_the_bytes_are_cut(line_end: bytes, size: int) -> None:
    stream, data = CompletionStream(), wire(line_end)
    said = "".join(stream.feed(data[start : start + size]) for start in range(0, len(data), size))
    assert said == SAID
    assert stream.done
    stream.finish(said=True)


def test_joins_the_tokens_of_one_read() -> None:
    assert CompletionStream().feed(wire()) == SAID


def test_joins_the_data_lines_of_one_event() -> None:
    data = b'data: {"choices":[\ndata: {"delta":{"content":"a"}}]}\n\n'
    assert CompletionStream().feed(data) == "a"


def test_takes_a_last_event_without_its_blank_line() -> None:
    stream = CompletionStream()
    stream.feed(wire(ended=False) + b"data: [DONE]")
    stream.finish(said=True)
    assert stream.done


@pytest.mark.parametrize(
    "event",
    [
        b"{oops",
        b"[1]",
        b'"text"',
        b'{"choices":[7]}',
        b'{"choices":{"a":1}}',
        b'{"choices":[{"delta":"text"}]}',
        b"\xff\xfe",
    ],
)
def test_nonsense_is_a_transient_fault(event: bytes) -> None:
    stream = CompletionStream()
    assert stream.feed(b'data: {"choices":[{"delta":{"content":"Hi"}}]}\n\ndata: ' + event + b"\n\n") == "Hi"
    with pytest.raises(TransientOutsideError, match="no sense"):
        stream.finish(said=True)


def test_a_line_without_end_is_given_up() -> None:
    stream = CompletionStream()
    for _ in range(11):
        stream.feed(b"x" * 100_000)
    assert stream.done
    with pytest.raises(TransientOutsideError, match="without end"):
        stream.finish(said=False)


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        (b'"type":"server_error","code":null', TransientOutsideError),
        (b'"code":502', TransientOutsideError),
        (b'"type":"overloaded_error"', TransientOutsideError),
        (b'"type":"invalid_request_error","code":"context_length_exceeded"', TerminalOutsideError),
        (b'"code":"insufficient_quota"', TerminalOutsideError),
    ],
)
def test_an_error_in_the_stream_keeps_its_words_to_itself(kind: bytes, failure: type[Exception]) -> None:
    stream = CompletionStream()
    stream.feed(b'data: {"error":{"message":"you said SECRET",%b}}\n\n' % kind)
    with pytest.raises(failure) as raised:
        stream.finish(said=True)
    assert "SECRET" not in str(raised.value)


def test_a_stream_that_just_stops_was_cut_off() -> None:
    stream = CompletionStream()
    stream.feed(wire(ended=False))
    with pytest.raises(TransientOutsideError, match="cut off"):
        stream.finish(said=True)


def test_an_answer_without_a_word_is_a_fault() -> None:
    stream = CompletionStream()
    stream.feed(b'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n')
    with pytest.raises(TransientOutsideError, match="without a word"):
        stream.finish(said=False)


@pytest.mark.parametrize(
    "choice", [b'{"delta":{"refusal":"No."}}', b'{"delta":{},"finish_reason":"content_filter"}']
)
def test_a_refusal_is_terminal(choice: bytes) -> None:
    stream = CompletionStream()
    stream.feed(b'data: {"choices":[%b]}\n\ndata: [DONE]\n\n' % choice)
    with pytest.raises(TerminalOutsideError, match="declined"):
        stream.finish(said=False)
