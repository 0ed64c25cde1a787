"""The rows behind links that go out by mail. The mails themselves are jobs."""

from dataclasses import dataclass
from datetime import timedelta

from core.database.pool import Connection


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A registration whose link was followed."""

    email: str
    full_name: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class ResetOwner:
    """Whose password a link may set, and one of their organizations."""

    user_id: str
    organization_id: str | None


async def begin_registration(
    connection: Connection,
    registration_id: str,
    email: str,
    full_name: str,
    password_hash: str,
    lasts: timedelta,
) -> None:
    """Write down a registration that waits for its link to be followed."""
    await connection.execute(
        "select app.begin_registration(%s, %s, %s, %s, %s)",
        (registration_id, email, full_name, password_hash, lasts),
    )


async def use_registration(connection: Connection, token_hash: bytes) -> Confirmed | None:
    """Use a registration's link up; None for a link that is wrong, old or used, or a taken address."""
    cursor = await connection.execute("select * from app.use_registration(%s)", (token_hash,))
    row = await cursor.fetchone()
    return None if row is None else Confirmed(**row)


async def begin_password_reset(connection: Connection, reset_id: str, email: str, lasts: timedelta) -> None:
    """Write down that a password was forgotten, whether there is one or not."""
    await connection.execute("select app.begin_password_reset(%s, %s, %s)", (reset_id, email, lasts))


async def password_reset_owner(connection: Connection, token_hash: bytes) -> ResetOwner | None:
    """Whom a reset's link belongs to; None for one that is wrong, old or used."""
    cursor = await connection.execute("select * from app.password_reset_owner(%s)", (token_hash,))
    row = await cursor.fetchone()
    return None if row is None else ResetOwner(**row)


async def use_password_reset(connection: Connection, token_hash: bytes) -> bool:
    """Use a reset's link up, and the others of the same person with it; False when somebody was faster."""
    cursor = await connection.execute("select * from app.use_password_reset(%s)", (token_hash,))
    return await cursor.fetchone() is not None
