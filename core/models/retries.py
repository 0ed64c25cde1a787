"""When a call is tried again, and how long it waits before that."""

import asyncio
import random

from core.errors import TransientOutsideError

RETRIES = 2
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0


class EndpointBusy(TransientOutsideError):
    """Not now; ``retry_after_s`` is when, if the endpoint said so."""

    retry_after_s: float | None = None


class Retries:
    """The tries that one call has left.

    ``until`` is the moment on the loop's clock after which a further try is worth nothing.
    """

    __slots__ = ("_taken", "_until")

    def __init__(self, until: float) -> None:
        self._taken = 0
        self._until = until

    async def pause(self, fault: TransientOutsideError) -> None:
        """Wait before the next try, or raise ``fault`` when there is none."""
        pause = self._pause_after(fault)
        if pause is None or asyncio.get_running_loop().time() + pause >= self._until:
            raise fault
        self._taken += 1
        await asyncio.sleep(pause)

    def _pause_after(self, fault: TransientOutsideError) -> float | None:
        if self._taken >= RETRIES:
            return None
        asked = fault.retry_after_s if isinstance(fault, EndpointBusy) else None
        if asked is not None:
            # To come back before the time that was asked for would be refused again.
            return asked if asked <= LONGEST_PAUSE_S else None
        return FIRST_PAUSE_S * (1 << self._taken) * random.uniform(0.5, 1)  # noqa: S311 - jitter, not a secret
