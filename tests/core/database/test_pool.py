"""What a pooled connection keeps of whom it worked for: nothing."""

import psycopg
import pytest

from core.database import Claims, Database
from core.identifiers import new_id


async def leave_by(database: Database, ending: str, organization: str) -> int:
    """Work for an organization and end in some way; returns the connection's process."""
    pid = 0
    try:
        async with database.transaction(Claims.for_organization(organization)) as connection:
            pid = connection.info.backend_pid
            await connection.execute(
                "insert into organizations (id, name) values (%s, 'Theirs') on conflict do nothing",
                (organization,),
            )
            if ending == "fault":
                raise ZeroDivisionError
            if ending == "failed statement":
                await connection.execute("select 1 / 0")
    except (ZeroDivisionError, psycopg.errors.DivisionByZero):
        pass
    return pid


@pytest.mark.parametrize("ending", ["commit", "fault", "failed statement"])
async def test_a_stale_connection_without_claims_sees_nothing(database: Database, ending: str) -> None:
    organization = new_id("org")
    await leave_by(database, "commit", organization)
    pid = await leave_by(database, ending, organization)
    while True:
        connection = await database._pool.getconn()
        if connection.info.backend_pid == pid:
            break
        await database._pool.putconn(connection)
    try:
        settings = (
            "select current_setting('role') as role, current_setting('request.jwt.claims', true) as claims"
        )
        left = await (await connection.execute(settings)).fetchone()
        assert left == {"role": "none", "claims": ""}
        await connection.execute("begin")
        await connection.execute("set local role limitless_app")
        for table in ("organizations", "users", "memberships", "campaigns", "conversations", "messages"):
            query = f"select count(*) as n from public.{table}"  # noqa: S608 - names from above
            assert await (await connection.execute(query)).fetchone() == {"n": 0}, table
    finally:
        await connection.execute("rollback")
        await database._pool.putconn(connection)


async def test_the_next_one_who_borrows_it_is_somebody_else(database: Database) -> None:
    organization = new_id("org")
    await leave_by(database, "commit", organization)
    for claims, seen in ((Claims.nobody(), 0), (Claims.for_organization(organization), 1)):
        rows = await database.fetch(
            claims, "select count(*) as n from organizations where id = %s", (organization,)
        )
        assert rows == [{"n": seen}]
