"""One timer for a whole stream."""

import asyncio

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol

from core.models.patience import Patience


@pytest.fixture
async def body() -> aiohttp.StreamReader:
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    return aiohttp.StreamReader(protocol, 1024, loop=loop)


def in_s(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def test_a_read_fails_when_its_time_is_over(body: aiohttp.StreamReader) -> None:
    with Patience(body, in_s(0.02)), pytest.raises(TimeoutError):
        await body.readany()


@pytest.mark.parametrize(("first_s", "then_s"), [(0.01, 0.06), (30, 0.06)])
async def test_the_time_can_be_moved_both_ways(
    body: aiohttp.StreamReader, first_s: float, then_s: float
) -> None:
    began = in_s(0)
    with Patience(body, in_s(first_s)) as patience:
        patience.until(began + then_s)
        with pytest.raises(TimeoutError):
            await body.readany()
    assert then_s <= in_s(0) - began < 5


async def test_what_came_in_time_is_read(body: aiohttp.StreamReader) -> None:
    with Patience(body, in_s(0.02)):
        body.feed_data(b"data")
        assert await body.readany() == b"data"
    await asyncio.sleep(0.03)
    assert body.exception() is None
