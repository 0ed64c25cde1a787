"""Who counts: Redis where REDIS_URL names one, otherwise Postgres."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from core.database import Database
from core.errors import InvalidInput
from core.limits.limits import Limits
from core.limits.postgres import PostgresCounter
from core.settings import Settings


@asynccontextmanager
async def open_limits(settings: Settings, database: Database) -> AsyncIterator[Limits]:
    """The installation's limits; while Redis is away, Postgres counts.

    Raises `core.errors.InvalidInput` when REDIS_URL is set and the ``redis`` package is not installed, or
    the address is none.
    """
    postgres = PostgresCounter(database)
    if settings.redis_url is None:
        yield Limits(postgres)
        return
    try:
        from core.limits.redis import RedisCounter

        redis = RedisCounter(settings.redis_url.get_secret_value())
    except ImportError as fault:
        raise InvalidInput("REDIS_URL needs the redis package: pip install 'limitless[redis]'") from fault
    except ValueError as fault:
        raise InvalidInput("REDIS_URL must begin with redis://, rediss:// or unix://") from fault
    try:
        yield Limits(redis, meanwhile=postgres)
    finally:
        await redis.close()
