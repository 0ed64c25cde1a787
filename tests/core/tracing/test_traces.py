"""The whole product, sending its traces to a collector."""

from collections.abc import AsyncIterator, Callable

import aiohttp
import pytest

from tests.standins.openai import openai_standin
from tests.standins.otlp import Collector, otlp_collector
from tests.web.process import ServerProcess, running

HANDLE, SAID, KEY = "somebody_private", "My secret is a purple elephant", "sk-not-to-be-seen"


@pytest.fixture(scope="module")
async def collected(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Collector]:
    """What one turn left behind, once its process has ended."""
    async with openai_standin() as model, otlp_collector() as collector:
        server = ServerProcess(
            module_database,
            tmp_path_factory.mktemp("traced"),
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OPENAI_API_KEY=KEY,
            OPENAI_BASE_URL=model.base_url,
        )
        async with running(server), aiohttp.ClientSession(server.url) as session:
            message = {"campaign_code": "DEMO", "instagram_handle": HANDLE, "message": SAID}
            async with session.post("/api/chat/stream", json=message) as answer:
                assert answer.status == 200
                token = answer.headers["x-lead-token"]
                told = await answer.text()
                assert "event: done" in told
            address = f"/api/chat/stream?thread_id={answer.headers['x-thread-id']}"
            async with session.get(address, headers={"x-lead-token": token}) as answer:
                assert answer.status == 204
        yield collector


def test_a_turn_from_the_request_to_its_statements(collected: Collector) -> None:
    [turn] = collected.named("turn")
    assert collected.ancestors(turn) == ["POST /api/chat/stream"]
    assert turn.attributes["limitless.turn_id"].startswith("turn_")
    for node in ("perceive", "qualifier_agent"):
        [found] = collected.named(f"node {node}")
        assert collected.ancestors(found) == ["turn", "POST /api/chat/stream"]
    calls = [span for span in collected.spans if "gen_ai.request.model" in span.attributes]
    assert {collected.ancestors(call)[0] for call in calls} == {"node qualifier_agent", "reading"}
    assert [call.events for call in calls if call.events] == [["first_token"]]
    statements = [span for span in collected.spans if span.name.startswith("SQL ")]
    assert any(collected.ancestors(one)[:2] == ["transaction", "turn"] for one in statements)
    assert {one.attributes["db.system.name"] for one in statements} == {"postgresql"}
    assert len({span.trace_id for span in [turn, *calls]}) == 1
    assert not [span.name for span in collected.spans if span.failed]
    assert collected.resources[0]["service.name"] == "limitless"


def test_what_a_process_does_for_itself_is_not_traced(collected: Collector) -> None:
    roots = {span.name for span in collected.spans if not span.parent_id}
    assert {name.split()[0] for name in roots} <= {"GET", "POST"}


@pytest.mark.parametrize("unsaid", [HANDLE, "elephant", KEY, "lead_token", "eyJ"])
def test_nothing_that_was_said_and_no_secret(collected: Collector, unsaid: str) -> None:
    for span in collected.spans:
        assert unsaid not in repr((span.name, span.attributes, span.events)), span.name


def test_without_the_setting_nothing_is_imported(run_python: Callable[[str], str]) -> None:
    lines = (
        "import sys",
        "from core.settings import Settings",
        "from cli.api_server import server_of",
        "server_of(Settings(_env_file=None), 'postgresql://nowhere', lambda: None)",
        "import ingestion_worker.worker",
        "heavy = ('opentelemetry.exporter', 'core.tracing.')",
        "print([name for name in sys.modules if name.startswith(heavy)])",
    )
    assert run_python("; ".join(lines)) == "['core.tracing.spans']"
