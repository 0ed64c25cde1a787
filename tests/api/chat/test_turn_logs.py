"""What is logged within a turn says which turn, and which request began it."""

import asyncio
from typing import NoReturn

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.testing import capture_logs

from api.chat.repository import TurnClaim
from api.chat.runner import TurnRunner
from api.chat.streams import TurnStream
from core.database import Database
from core.identifiers import new_id


def _claim() -> TurnClaim:
    return TurnClaim(
        id=new_id("turn"),
        organization_id=new_id("org"),
        conversation_id="lead-guest-1",
        campaign_id=new_id("camp"),
        playbook_id=new_id("pb"),
        handle="guest",
        seq=1,
        attempt=1,
        messages=("Hi",),
        stage="qualification",
        qualified=False,
        fields={},
        said_apart=None,
    )


async def _fails(claim: TurnClaim, stream: TurnStream) -> NoReturn:
    structlog.get_logger().info("something_deep_inside")
    raise RuntimeError("on purpose")


async def test_every_line_of_a_turn_names_it(database: Database) -> None:
    runner = TurnRunner(database, _fails)
    claims = [_claim(), _claim()]
    with capture_logs(processors=[merge_contextvars]) as lines:
        for number, claim in enumerate(claims):
            with bound_contextvars(request_id=f"req_{number}"):
                stream = runner.start(claim)
            async with asyncio.timeout(10):
                async for _ in stream.follow():
                    pass
    told = [(line["event"], line["turn_id"], line["request_id"]) for line in lines]
    assert told == [
        (event, claim.id, f"req_{number}")
        for number, claim in enumerate(claims)
        for event in ("something_deep_inside", "turn_failed")
    ]
    assert "turn_id" not in structlog.contextvars.get_contextvars()
