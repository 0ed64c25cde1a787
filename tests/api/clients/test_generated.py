"""Clients that are generated from the document: each holds a conversation with the real server."""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from api.app import describe
from tests.api.conftest import Api
from tests.api.organization import Organization

NODE = Path(__file__).parents[2] / "node"
SAID = ["ai", "human", "ai", "human", "ai"]
PYTHON = """
import json, sys
from client import AuthenticatedClient, Client
from client.api.chat import chat
from client.api.conversations import get_transcript
from client.models import ChatAnswer, ChatRequest, ErrorAnswer

url, code, token = sys.argv[1:]
lead, owner = Client(base_url=url), AuthenticatedClient(base_url=url, token=token)

def say(message, code=code, **more):
    body = ChatRequest(campaign_code=code, instagram_handle="@generated", message=message, **more)
    return chat.sync(client=lead, body=body)

first = say("Yes, I'm a fitness coach")
assert isinstance(first, ChatAnswer)
second = say("Strength coaching for busy dads", lead_token=first.lead_token)
transcript = get_transcript.sync(first.thread_id, client=owner)
refused = say("Hi", code="NOWHERE")
assert isinstance(refused, ErrorAnswer)
print(json.dumps({
    "threads": [first.thread_id, second.thread_id],
    "said": [message.role for message in transcript.messages],
    "stage": second.current_stage,
    "refused": refused.error.code,
}))
"""


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `limitless openapi` prints, in a file."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_bytes(orjson.dumps(describe().openapi()))
    return path


async def _run(*command: str, folder: Path, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def _talked(printed: str) -> dict[str, Any]:
    seen: dict[str, Any] = orjson.loads(printed.splitlines()[-1])
    first, second = seen["threads"]
    assert first == second
    assert seen["stage"] == "qualification"
    assert seen["refused"] == "CAMPAIGN_NOT_FOUND"
    return seen


async def test_python(api: Api, organization: Organization, document: Path, tmp_path: Path) -> None:
    bin_folder = Path(sys.executable).parent
    printed = await _run(
        str(bin_folder / "openapi-python-client"),
        *("generate", "--path", str(document), "--output-path", "client", "--meta", "none"),
        folder=tmp_path,
        PATH=f"{bin_folder}:{os.environ['PATH']}",
    )
    assert "Could not find" not in printed
    arguments = (api.url, organization.code, organization.token)
    seen = _talked(await _run(sys.executable, "-c", PYTHON, *arguments, folder=tmp_path))
    assert seen["said"] == SAID


async def test_typescript(api: Api, organization: Organization, document: Path, tmp_path: Path) -> None:
    node, packages = shutil.which("node"), NODE / "node_modules"
    if node is None or not (packages / "openapi-fetch").is_dir():
        pytest.skip("needs Node and `npm ci` in tests/node")
    (tmp_path / "node_modules").symlink_to(packages)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(NODE / "conversation.ts", tmp_path)
    generator = str(packages / "openapi-typescript" / "bin" / "cli.js")
    optional = ("--default-non-nullable", "false")
    await _run(node, generator, str(document), "--output", "api.d.ts", *optional, folder=tmp_path)
    compiler = str(packages / "typescript" / "bin" / "tsc")
    options = (
        *("--strict", "--skipLibCheck", "--target", "es2022", "--module", "esnext"),
        *("--moduleResolution", "bundler", "--lib", "es2022,dom"),
    )
    await _run(node, compiler, *options, "conversation.ts", folder=tmp_path)
    arguments = (api.url, organization.code, organization.token)
    seen = _talked(await _run(node, "conversation.js", *arguments, folder=tmp_path))
    assert seen["said"] == [*SAID, "human", "ai"]
    assert seen["streamed"]
