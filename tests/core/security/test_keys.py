import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.security.keys import SecretKey, WeakKeyError, load_secret_key
from core.settings import Settings


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, secret_key=None)
    first = load_secret_key(settings)
    assert load_secret_key(settings) == first
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret_key"]


def test_many_starting_at_once_end_up_with_the_same_key(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "new", secret_key=None)
    with ThreadPoolExecutor(16) as pool:
        keys = list(pool.map(lambda _: load_secret_key(settings), range(16)))
    assert all(key == keys[0] for key in keys)


@pytest.mark.parametrize("weak", ["", "short", "x" * 31, "a" * 64, "changeme" * 8])
def test_a_weak_key_is_refused_with_a_way_out(weak: str, tmp_path: Path) -> None:
    with pytest.raises(WeakKeyError, match="openssl rand"):
        load_secret_key(Settings(data_dir=tmp_path, secret_key=SecretStr(weak)))


def test_a_truncated_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("deadbeef\n")
    with pytest.raises(WeakKeyError):
        load_secret_key(Settings(data_dir=tmp_path, secret_key=None))


def test_purposes_have_keys_of_their_own() -> None:
    key = SecretKey(bytes(range(32)))
    assert key.derive("one") == SecretKey(bytes(range(32))).derive("one")
    assert key.derive("one") != key.derive("two")
    assert len(key.derive("one", 48)) == 48


def test_a_key_does_not_show_itself() -> None:
    assert "ABCDEFGHIJ" not in repr(SecretKey(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"))
