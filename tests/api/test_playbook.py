"""`/api/playbook`."""

from typing import Any

import aiohttp
import pytest

from tests.api.chat.talking import say
from tests.api.conftest import NewOrganization
from tests.api.organization import Organization


async def _read(http: aiohttp.ClientSession, organization: Organization, **query: str) -> dict[str, Any]:
    async with http.get("/api/playbook", headers=organization.bearer, params=query) as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def _replace(
    http: aiohttp.ClientSession, organization: Organization, playbook: object, **query: str
) -> aiohttp.ClientResponse:
    async with http.put("/api/playbook", json=playbook, headers=organization.bearer, params=query) as answer:
        await answer.read()
        return answer


async def test_begins_with_the_default(http: aiohttp.ClientSession, organization: Organization) -> None:
    found = await _read(http, organization)
    assert found["version"] == 1
    assert found["playbook"]["questions"][0]["field"]


async def test_a_put_makes_a_version_and_a_conversation_keeps_its_own(
    http: aiohttp.ClientSession, stranger: aiohttp.ClientSession, organization: Organization
) -> None:
    first = await _read(http, organization)
    await say(http, organization.code, "Hi")
    changed = {**first["playbook"], "opening": "Hello! What do you coach?"}
    answer = await _replace(http, organization, changed)
    assert (answer.status, (await answer.json())["version"]) == (200, 2)
    openings = []
    for session in (http, stranger):
        events = await say(session, organization.code, "Yes")
        thread = events[-1].data["thread_id"]
        async with http.get(
            f"/api/conversations/{thread}/transcript", headers=organization.bearer
        ) as transcript:
            openings.append((await transcript.json())["messages"][0]["content"])
    assert openings == [first["playbook"]["opening"], "Hello! What do you coach?"]


async def test_a_campaigns_own_goes_before_the_organizations(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    playbook = (await _read(http, organization))["playbook"]
    own = {**playbook, "opening": "Only here?"}
    answer = await _replace(http, organization, own, campaign_id=organization.campaign_id)
    assert answer.status == 200
    assert (await _read(http, organization))["playbook"]["opening"] == playbook["opening"]
    found = await _read(http, organization, campaign_id=organization.campaign_id)
    assert found["playbook"]["opening"] == "Only here?"
    async with http.get(f"/chat/{organization.code}") as page:
        assert "Only here?" in await page.text()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"offers": []}, "offers"),
        ({"surprise": 1}, "surprise"),
        ({"qualified_at": 2}, "qualified_at"),
        ({"questions": [{"field": "Bad Field", "question": "?", "why": "x"}]}, "questions[0].field"),
    ],
)
async def test_a_bad_one_is_refused_with_the_path_of_the_fault(
    http: aiohttp.ClientSession, organization: Organization, change: dict[str, Any], path: str
) -> None:
    playbook = (await _read(http, organization))["playbook"]
    answer = await _replace(http, organization, {**playbook, **change})
    assert answer.status == 400
    assert (await answer.json())["error"]["details"]["errors"][0]["path"] == path
    assert (await _read(http, organization))["version"] == 1


async def test_who_may(
    http: aiohttp.ClientSession, organization: Organization, new_organization: NewOrganization
) -> None:
    viewer, other = await new_organization("viewer"), await new_organization()
    playbook = (await _read(http, viewer))["playbook"]
    assert (await _replace(http, viewer, playbook)).status == 403
    answer = await _replace(http, other, playbook, campaign_id=organization.campaign_id)
    assert answer.status == 404
    async with http.get("/api/playbook") as anonymous:
        assert anonymous.status == 401
