"""Who counts: Redis where REDIS_URL names one, otherwise Postgres."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import SecretStr

from core.database import Database
from core.errors import InvalidInput
from core.limits.base import Counter
from core.limits.limits import Limits
from core.limits.postgres import PostgresCounter
from core.settings import Settings


@asynccontextmanager
async def open_limits(settings: Settings, database: Database) -> AsyncIterator[Limits]:
    """The installation's limits; while Redis is away, Postgres counts. Raises as `open_redis`."""
    postgres = PostgresCounter(database)
    if settings.redis_url is None:
        yield Limits(postgres)
        return
    async with open_redis(settings.redis_url) as redis:
        yield Limits(redis, meanwhile=postgres)


@asynccontextmanager
async def open_redis(url: SecretStr) -> AsyncIterator[Counter]:
    """The Redis at ``url``, which need not be there yet.

    Raises `core.errors.InvalidInput` when the ``redis`` package is not installed, or the address is none.
    """
    try:
        from core.limits.redis import RedisCounter

        redis = RedisCounter(url.get_secret_value())
    except ImportError as fault:
        raise InvalidInput("REDIS_URL needs the redis package: pip install 'limitless[redis]'") from fault
    except ValueError as fault:
        raise InvalidInput("REDIS_URL must begin with redis://, rediss:// or unix://") from fault
    try:
        yield redis
    finally:
        await redis.close()
