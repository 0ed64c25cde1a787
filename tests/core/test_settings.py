"""The settings, and the file that explains them."""

import re
from pathlib import Path

from core.settings import Settings

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
