import asyncio
from collections.abc import Iterator

import pytest

from core.errors import Unavailable
from core.security.passwords import Passwords, Verdict, hash_of_nobody


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(memory_kib=64, time_cost=1)
    yield made
    made.close()


async def test_the_right_password_fits_and_no_other(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    assert stored.startswith("$argon2id$")
    assert (await passwords.verify("correct horse", stored)).valid
    assert not (await passwords.verify("correct horsE", stored)).valid


async def test_an_unknown_account_never_fits(passwords: Passwords) -> None:
    for guess in ("", "correct horse"):
        assert not (await passwords.verify(guess, None)).valid


async def test_checking_an_unknown_account_is_the_same_work(passwords: Passwords) -> None:
    stored, nobody = await passwords.hash("any"), hash_of_nobody(64, 1)
    assert nobody.split("$")[:4] == stored.split("$")[:4]
    assert [len(part) for part in nobody.split("$")] == [len(part) for part in stored.split("$")]


async def test_a_hash_with_old_parameters_is_renewed(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse")
    stronger = Passwords(memory_kib=128, time_cost=2)
    verdict = await stronger.verify("correct horse", stored)
    assert verdict.valid
    assert verdict.new_hash is not None
    assert (await stronger.verify("correct horse", verdict.new_hash)) == Verdict(valid=True)
    stronger.close()


async def test_only_so_many_run_and_wait_at_once() -> None:
    passwords = Passwords(memory_kib=16 * 1024, time_cost=2, at_once=1, max_waiting=1)
    crowd = await asyncio.gather(*(passwords.hash("x") for _ in range(12)), return_exceptions=True)
    refused = [one for one in crowd if isinstance(one, Unavailable)]
    assert refused
    assert len(crowd) - len(refused) >= 2
    assert (await passwords.hash("x")).startswith("$argon2id$")
    passwords.close()


async def test_a_caller_that_leaves_gives_the_room_back() -> None:
    passwords = Passwords(at_once=1, max_waiting=1)
    running, waiting = (asyncio.create_task(passwords.hash("x")) for _ in range(2))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await passwords.hash("x")
    waiting.cancel()
    await asyncio.wait([waiting])
    assert not running.done()
    assert (await passwords.hash("x")).startswith("$argon2id$")
    assert (await running).startswith("$argon2id$")
    passwords.close()
