"""Second factors: enrolling, and checking a code once and no more."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Literal

from api.campaigns import qr
from api.mfa import repository
from api.mfa.repository import Enrollment
from api.mfa.schemas import MfaEnrollment
from core.audit import record
from core.clock import utc_now
from core.database import Claims, Database
from core.database.pool import Connection
from core.errors import AuthenticationFailed, Conflict, RateLimited
from core.security import mfa
from core.security.keys import SecretKey
from core.security.principal import Principal
from core.security.sealing import seal, unseal

WRONG_CODES: Final = 5
LOCK: Final = timedelta(minutes=15)

Check = Literal["right", "wrong", "locked"]


class SecondFactors:
    """The second factors of all accounts."""

    def __init__(self, database: Database, key: SecretKey) -> None:
        self._database = database
        self._sealing_key = key.derive("mfa-secrets")
        self._backup_key = key.derive("mfa-backup-codes")

    async def enroll(self, principal: Principal) -> MfaEnrollment:
        """A new second factor, in force once a code confirms it.

        Raises `core.errors.Conflict` when one is in force already, and for identities of Supabase Auth,
        whose sign-in is not ours to guard.
        """
        if not principal.session_id:
            raise Conflict("You sign in with Supabase Auth; turn two-factor sign-in on there.")
        secret, codes = mfa.new_secret(), mfa.new_backup_codes()
        async with self._database.transaction(principal.claims) as connection:
            present = await repository.locked(connection, principal.user_id)
            if present is not None and present.confirmed_at is not None:
                raise Conflict("Two-factor sign-in is on already; turn it off first.")
            await repository.replace(
                connection,
                principal.user_id,
                seal(self._sealing_key, secret.encode(), _owner(principal.user_id)),
                [mfa.backup_code_hash(self._backup_key, principal.user_id, code) for code in codes],
            )
        link = mfa.otpauth_link(secret, principal.email)
        return MfaEnrollment(
            secret=secret, qr_code_url=link, qr_code_image=_data_url(link), backup_codes=codes
        )

    async def confirm(self, principal: Principal, code: str) -> None:
        """Put the new second factor in force; a right code for one that is in force already is fine too.

        Raises `core.errors.AuthenticationFailed`, `RateLimited`, or `Conflict` without one.
        """
        async with self._checked(principal.claims, principal.user_id, code) as connection:
            await repository.confirm(connection, principal.user_id)

    async def disable(self, principal: Principal, code: str) -> None:
        """Turn it off; raises as `confirm` does."""
        async with self._checked(principal.claims, principal.user_id, code) as connection:
            await repository.delete(connection, principal.user_id)

    async def check(self, claims: Claims, user_id: str, code: str) -> None:
        """Use up a code; raises as `confirm` does."""
        async with self._checked(claims, user_id, code):
            pass

    @asynccontextmanager
    async def _checked(self, claims: Claims, user_id: str, code: str) -> AsyncIterator[Connection]:
        """A transaction in which the code was right. A wrong one is counted and committed all the same."""
        async with self._database.transaction(claims) as connection:
            present = await repository.locked(connection, user_id)
            if present is None:
                raise Conflict("Two-factor sign-in is off.")
            outcome = await self._outcome(connection, user_id, present, code)
            if outcome == "right":
                yield connection
        if outcome == "locked":
            _refuse_for(present)
        if outcome == "wrong":
            raise AuthenticationFailed("The code is wrong or was used before")

    async def _outcome(self, connection: Connection, user_id: str, present: Enrollment, code: str) -> Check:
        if present.locked_until is not None and present.locked_until > utc_now():
            return "locked"
        secret = unseal(self._sealing_key, present.sealed_secret, _owner(user_id)).decode()
        step = mfa.matching_step(secret, code.strip(), present.last_step)
        if step is not None:
            await repository.use_step(connection, user_id, step)
            return "right"
        code_hash = mfa.backup_code_hash(self._backup_key, user_id, code)
        if present.confirmed_at is not None and await repository.use_backup_code(
            connection, user_id, code_hash
        ):
            return "right"
        await repository.count_failure(connection, user_id, WRONG_CODES, LOCK)
        await record(connection, "login_failure", "mfa", user_id, {"what": "a wrong second-factor code"})
        return "wrong"


def _refuse_for(present: Enrollment) -> None:
    until = present.locked_until or utc_now()
    wait = max(1, int((until - utc_now()).total_seconds()) + 1)
    raise RateLimited(
        "Too many wrong codes; the second step is locked for a while.", headers={"Retry-After": str(wait)}
    )


def _owner(user_id: str) -> tuple[str, str]:
    return ("mfa", user_id)


def _data_url(link: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(qr.picture(link, "svg")).decode()
