"""Connections and transactions.

A borrowed connection is trusted unless it was idle for long or something failed since it last worked:
a check on every borrow would cost each turn a round trip, no check at all would fail the first
requests after the database was away.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, LiteralString
from weakref import WeakKeyDictionary

import psycopg
from psycopg import AsyncConnection
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from core.database.claims import STATE_CLAIMS, Claims
from core.errors import Unavailable
from core.tracing import part, tracing

Connection = AsyncConnection[DictRow]

_IDLE_IS_SUSPECT_S = 30.0
_BORROW_TIMEOUT_S = 5.0
_KEPT_OPEN = 6
"""Connections that stay open: to open one costs as much as ten turns, when everybody comes at once."""


class Database:
    """A pool of connections, handed out as transactions that know who asks."""

    def __init__(
        self,
        conninfo: str,
        *,
        size: int = 20,
        prepared_statements: bool = True,
        borrow_timeout_s: float = _BORROW_TIMEOUT_S,
    ) -> None:
        self.conninfo = conninfo
        self._borrow_timeout_s = borrow_timeout_s
        self._worked_at: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()
        self._failed_at = 0.0
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            conninfo,
            min_size=min(size, _KEPT_OPEN),
            max_size=size,
            open=False,
            reconnect_timeout=2.0,
            max_idle=300,
            kwargs={
                "autocommit": True,
                "row_factory": dict_row,
                "prepare_threshold": 5 if prepared_statements else None,
                "connect_timeout": 3,
                "application_name": "limitless",
                **_traced(),
            },
        )

    async def open(self) -> None:
        """Open the pool; raises `core.errors.Unavailable` when the database cannot be reached."""
        try:
            await self._pool.open(wait=True, timeout=10)
        except PoolTimeout as fault:
            raise Unavailable("The database cannot be reached.") from fault

    async def close(self) -> None:
        """Close every connection."""
        await self._pool.close()

    def figures(self) -> dict[str, int]:
        """The pool's own counters (``pool_size``, ``pool_available``, ``requests_waiting``…)."""
        return self._pool.get_stats()

    @asynccontextmanager
    async def transaction(self, claims: Claims) -> AsyncIterator[Connection]:
        """One transaction as ``claims``: committed at the end, rolled back on an exception.

        Raises `core.errors.Unavailable` when the database is away, or goes away meanwhile.
        """
        async with self._borrowed() as connection:
            async with connection.pipeline():
                await _begin(connection, claims)
            yield connection
            await connection.execute("commit")

    @asynccontextmanager
    async def pipeline(self, claims: Claims) -> AsyncIterator[Connection]:
        """A transaction whose statements wait for nobody until a result is fetched.

        Without a fetch inside, all of it is one flight, from begin to commit; cursors may be read after
        it. Errors of a statement surface at the next fetch or at the end. For paths where each round
        trip counts.
        """
        async with self._borrowed() as connection, connection.pipeline():
            await _begin(connection, claims)
            yield connection
            await connection.execute("commit")

    async def call(
        self, claims: Claims, statement: LiteralString, parameters: Sequence[Any] = ()
    ) -> list[DictRow]:
        """The rows of a statement that calls a function which states its claims itself.

        The function (of the schema ``app``) takes the claims first; ``parameters`` are the others. That
        statement is all there is: no other goes before or after it.
        """
        async with self._borrowed() as connection:
            cursor = await connection.execute(statement, (claims.as_json(), *parameters))
            return await cursor.fetchall()

    async def fetch(
        self,
        claims: Claims,
        statement: LiteralString,
        parameters: Sequence[Any] | Mapping[str, Any] = (),
    ) -> list[DictRow]:
        """The rows of one statement, in a transaction of its own."""
        async with self.pipeline(claims) as connection:
            cursor = await connection.execute(statement, parameters)
        return await cursor.fetchall()

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        connection = await self._borrow()
        try:
            with part("transaction"):
                yield connection
            self._worked_at[connection] = monotonic()
        except psycopg.Error as fault:
            if connection.closed and isinstance(fault, psycopg.OperationalError):
                self._failed_at = monotonic()
                raise Unavailable("The database went away; nothing was kept. Try again.") from fault
            if _takes_nothing(fault):
                raise Unavailable("The database can take nothing just now. Try again shortly.") from fault
            raise
        finally:
            await _leave(connection)
            await self._pool.putconn(connection)

    async def _borrow(self) -> Connection:
        deadline = monotonic() + self._borrow_timeout_s
        while True:
            try:
                connection = await self._pool.getconn(timeout=deadline - monotonic())
            except (PoolTimeout, PoolClosed) as fault:
                raise Unavailable("The database is away for the moment. Try again shortly.") from fault
            if not self._is_suspect(connection) or await self._still_works(connection):
                return connection
            await self._pool.putconn(connection)

    def _is_suspect(self, connection: Connection) -> bool:
        worked_at = self._worked_at.get(connection)
        if worked_at is None:
            self._worked_at[connection] = monotonic()
            return False
        return worked_at <= self._failed_at or monotonic() - worked_at > _IDLE_IS_SUSPECT_S

    async def _still_works(self, connection: Connection) -> bool:
        try:
            async with asyncio.timeout(2):
                await connection.execute("")
        except (psycopg.Error, TimeoutError):
            self._failed_at = monotonic()
            await connection.close()
            return False
        self._worked_at[connection] = monotonic()
        return True


def _traced() -> dict[str, Any]:
    if not tracing():
        return {}
    from core.tracing.sql import TracedCursor

    return {"cursor_factory": TracedCursor}


def _takes_nothing(fault: psycopg.Error) -> bool:
    """Whether its disk is full, its memory or its connections are used up, or it is a standby (yet)."""
    return (fault.sqlstate or "").startswith("53") or fault.sqlstate == "25006"


async def _begin(connection: Connection, claims: Claims) -> None:
    await connection.execute("begin")
    await connection.execute(STATE_CLAIMS, (claims.as_json(),))


async def _leave(connection: Connection) -> None:
    """End a transaction that was not committed; a connection that cannot is left for the pool to drop."""
    if connection.closed or connection.info.transaction_status == TransactionStatus.IDLE:
        return
    try:
        async with asyncio.timeout(2):
            await connection.execute("rollback")
    except (psycopg.Error, TimeoutError):
        await connection.close()
