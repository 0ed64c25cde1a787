"""What is loaded before anybody asks for anything: a start must be quick, and a process small."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    *("langchain", "langchain_openai", "openai", "tiktoken", "transformers", "torch"),
    *("wordllama", "tokenizers", "numpy", "pandas", "scipy", "sklearn"),
    *("unstructured", "spacy", "nltk", "lxml", "docx", "pypdf"),
    *("stripe", "redis", "sentry_sdk"),
}
SERVING = """
import asyncio, sys
from api.app import create_app
from cli import serve
from core.settings import Settings

async def main():
    app = create_app(Settings(_env_file=None, data_dir=sys.argv[1], openai_api_key="sk-none"), sys.argv[2])
    async with app.router.lifespan_context(app):
        print(*sorted({name.partition(".")[0] for name in sys.modules}))

asyncio.run(main())
"""
WORKING = """
import sys
from cli import worker
from ingestion_worker import tasks
from ingestion_worker.worker import run_worker
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
COMMANDS = """
import sys
from cli import main
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def _loaded(program: str, *arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_an_api_that_is_ready_has_loaded_nothing_heavy(conninfo: str, tmp_path: Path) -> None:
    assert _loaded(SERVING, str(tmp_path), conninfo) & HEAVY == set()


@pytest.mark.parametrize(
    ("program", "more"), [(WORKING, {"langgraph", "fastapi"}), (COMMANDS, {"langgraph", "fastapi", "api"})]
)
def test_a_process_loads_no_more_than_it_is_for(program: str, more: set[str]) -> None:
    assert _loaded(program) & (HEAVY | more) == set()
