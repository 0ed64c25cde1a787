"""Passwords: argon2id, off the event loop, so many at once and no more."""

import asyncio
import base64
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final, ParamSpec, TypeVar

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from core.errors import Unavailable

MEMORY_KIB: Final = 64 * 1024
TIME_COST: Final = 3
PARALLELISM: Final = 1
"""One lane: the pool below is what bounds the cores that hashing may take."""
AT_ONCE: Final = 2
MAX_WAITING: Final = 64

Given = ParamSpec("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password fits, and a new hash to store where today's parameters are others."""

    valid: bool
    new_hash: str | None = None


class Passwords:
    """Hashes and checks passwords in ``at_once`` threads; ``max_waiting`` more may queue.

    An unknown account costs the same work as a known one. Both methods raise `Unavailable` when the
    queue is full.
    """

    def __init__(
        self,
        *,
        memory_kib: int = MEMORY_KIB,
        time_cost: int = TIME_COST,
        at_once: int = AT_ONCE,
        max_waiting: int = MAX_WAITING,
    ) -> None:
        self._hasher = PasswordHash([Argon2Hasher(time_cost, memory_kib, PARALLELISM)])
        self._unknown = hash_of_nobody(memory_kib, time_cost)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="password")
        self._room = BoundedSemaphore(at_once + max_waiting)

    async def hash(self, password: str) -> str:
        """The hash to store, parameters and salt in it."""
        return await self._run(self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> Verdict:
        """Check against ``stored``; None (no such account) costs as much and never fits."""
        valid, new_hash = await self._run(self._hasher.verify_and_update, password, stored or self._unknown)
        return Verdict(valid and stored is not None, new_hash)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _run(self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs) -> Result:
        if not self._room.acquire(blocking=False):
            raise Unavailable("Too many people are signing in right now", headers={"Retry-After": "5"})
        running = self._pool.submit(work, *args, **kwargs)
        # Room comes back when the thread is done, also after the caller has gone.
        running.add_done_callback(lambda _: self._room.release())
        return await asyncio.wrap_future(running)


def hash_of_nobody(memory_kib: int, time_cost: int) -> str:
    """A well-formed hash that no password has, so that checking against it does the whole work."""
    salt, digest = (base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={memory_kib},t={time_cost},p={PARALLELISM}${salt}${digest}"
