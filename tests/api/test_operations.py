"""`/healthz`, `/readyz`, `/metrics`."""

from pathlib import Path

import aiohttp
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.api.chat.talking import say
from tests.api.conftest import Api, ServeApi, unlimited
from tests.api.organization import Organization
from tests.standins.openai import openai_standin
from tests.standins.openai_orders import Fault


async def _samples(session: aiohttp.ClientSession) -> dict[tuple[str, str], float]:
    async with session.get("/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_a_turn_shows(http: aiohttp.ClientSession, organization: Organization) -> None:
    before = await _samples(http)
    await say(http, organization.code, "Hi")
    after = await _samples(http)
    for name in (
        "limitless_turns_total",
        "limitless_turn_seconds_count",
        "limitless_first_token_seconds_count",
    ):
        label = "done" if name == "limitless_turns_total" else ""
        assert after[name, label] == before.get((name, label), 0) + 1
    assert after["limitless_pool_connections", "idle"] >= 1
    assert after["limitless_jobs", "failed"] >= 0


async def test_it_lives_and_is_ready(http: aiohttp.ClientSession) -> None:
    for path in ("/healthz", "/readyz"):
        async with http.get(path) as answer:
            assert (answer.status, await answer.text()) == (200, "ok\n")


async def test_metrics_may_ask_for_a_token(serve_api: ServeApi, api: Api) -> None:
    settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
        update={"metrics_token": SecretStr("a long token")}
    )
    async with serve_api(settings) as served, aiohttp.ClientSession(served.url) as session:
        for headers, status in (
            ({}, 401),
            ({"authorization": "Bearer no"}, 401),
            ({"authorization": "Bearer a long token"}, 200),
        ):
            async with session.get("/metrics", headers=headers) as answer:
                assert answer.status == status


async def test_model_errors_are_counted_by_call_and_kind(
    serve_api: ServeApi, api: Api, organization: Organization
) -> None:
    async with openai_standin() as model:
        settings = unlimited(Path(api.parts.settings.data_dir)).model_copy(
            update={"openai_base_url": model.base_url}
        )
        async with serve_api(settings) as served, aiohttp.ClientSession(served.url) as session:
            before = await _samples(session)
            model.orders.faults.append(Fault(on="stream", status=401))
            await say(session, organization.code, "Hi")
            model.orders.faults.append(Fault(on="structured", content="no JSON"))
            await say(session, organization.code, "Yes, I'm a fitness coach")
            after = await _samples(session)
    for labels in ("reply,terminal", "reading,terminal"):
        name = ("limitless_model_errors_total", labels)
        assert after[name] == before.get(name, 0) + 1
    degraded = ("limitless_turns_total", "degraded")
    assert after[degraded] == before[degraded] + 1
