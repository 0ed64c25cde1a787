"""The settings, and the file that explains them."""

import re
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.settings import Settings, get_settings

EXAMPLE = Path(__file__).parents[2] / ".env.example"


def test_every_setting_is_explained_in_a_line() -> None:
    explained = re.findall(r"^# ([A-Z][A-Z0-9_]+)=.*\S {1,}# \S", EXAMPLE.read_text(), re.MULTILINE)
    explained += re.findall(r"^# ([A-Z][A-Z0-9_]+)= +# \S", EXAMPLE.read_text(), re.MULTILINE)
    assert sorted(set(explained)) == sorted(name.upper() for name in Settings.model_fields)


def test_an_empty_value_is_unset_where_there_is_no_default() -> None:
    settings = Settings(_env_file=None, database_url="", openai_api_key="", rate_limit_chat="")
    assert settings.database_url is None
    assert settings.openai_api_key is None
    assert settings.rate_limit_chat == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "abc"), ("RATE_LIMIT_CHAT", "ten"), ("TRUSTED_PROXIES", "*"), ("VAULT_ITERATIONS", "1000")],
)
def test_what_cannot_be_read_is_named_without_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_KEY", "a canary that must not be shown")
    with pytest.raises(InvalidInput, match=name) as refusal:
        get_settings.__wrapped__()
    assert "canary" not in refusal.value.message
    monkeypatch.delenv(name)
    assert "canary" not in repr(Settings())
