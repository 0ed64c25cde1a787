"""What the counting proxy makes of Postgres's wire protocol."""

import struct

from benchmarks.postgres_proxy import Frontend

START = struct.pack("!ii", 8 + 14, 196608) + b"user\0postgres\0"
SSL = struct.pack("!ii", 8, 80877103)


def message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!i", len(payload) + 4) + payload


CONVERSATION = (
    SSL
    + START
    + message(b"Q", b"begin\0")
    + message(b"P", b"_pg3_0\0select 1\n  where $1\0\0\0")
    + message(b"B", b"\0_pg3_0\0\0\0\0\0\0\0")
    + message(b"E", b"\0\0\0\0\0")
    + message(b"S", b"")
    + message(b"B", b"\0_pg3_0\0\0\0\0\0\0\0")
)


def test_counts_a_statement_each_time_it_runs_however_the_bytes_are_cut() -> None:
    for size in (1, 5, 1000):
        frontend = Frontend()
        run = [
            text
            for start in range(0, len(CONVERSATION), size)
            for text in frontend.feed(CONVERSATION[start : start + size])
        ]
        assert run == ["begin", "select 1 where $1", "select 1 where $1"]
        assert frontend.started
