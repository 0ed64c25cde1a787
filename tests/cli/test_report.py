"""The demo, and the report on one of its campaigns, as an owner asks for them."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

Run = Callable[..., str]


@pytest.fixture
def run(fresh_database: Callable[..., str], tmp_path: Path) -> Run:
    """Runs a command on a database in which the demo was."""
    conninfo = fresh_database(migrated=True)
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "DATABASE_URL": conninfo,
        "DATA_DIR": str(tmp_path / "data"),
        "COLUMNS": "120",
    }

    def run(*words: str) -> str:
        command = (sys.executable, "-c", "from cli.main import app; app()", *words)
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
        ).stdout

    run("demo", "--conversations", "24")
    with psycopg.connect(conninfo) as connection:
        connection.execute("update campaigns set name = '<b>[red]Spring</b>' where code = 'SPRING'")
    return run


def test_a_campaign_is_drawn_in_the_terminal_and_on_a_page(run: Run, tmp_path: Path) -> None:
    told = run("report", "--campaign", "spring")
    assert told.strip().startswith("<b>[red]Spring</b>  SPRING")
    clicks = re.search(r"Opened the link +█+ +(\d+)", told)
    assert clicks
    assert int(clicks[1]) > 8
    assert re.search(r"Started to talk +█+\S* +8 ", told)
    assert "Day by day" in told
    revenue = re.search(r"Revenue +(\$[1-9][\d,]*)", told)
    assert revenue
    for title in ("Where leads stop", "Earned by source", "Earned by offer", "What makes them hesitate"):
        assert title in told
    assert "Week by week" in run("report", "--campaign", "SPRING", "--days", "100")

    run("report", "--campaign", "SPRING", "--html", str(tmp_path / "report.html"))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<title>&lt;b&gt;[red]Spring&lt;/b&gt;</title>" in page
    assert page.count("<polyline") == 3
    assert f"<strong>{clicks[1]}</strong>" in page
    assert f"<dt>Revenue</dt><dd>{revenue[1]}</dd>" in page
    assert not re.search(r"<script|<link|\b(src|href)=|url\(|@import", page)

    with pytest.raises(subprocess.CalledProcessError) as refused:
        run("report", "--campaign", "NOPE")
    assert refused.value.stderr == "limitless: There is no campaign NOPE.\n"
