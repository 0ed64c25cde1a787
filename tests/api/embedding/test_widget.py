"""Who may show a campaign's chat."""

import aiohttp
import pytest

from tests.api.organization import Organization

SHOP = "https://www.example.com"


async def _allow(http: aiohttp.ClientSession, organization: Organization, *websites: str) -> list[str]:
    async with http.patch(
        f"/api/campaigns/{organization.code}",
        json={"allowed_origins": websites},
        headers=organization.bearer,
    ) as answer:
        assert answer.status == 200
        found: list[str] = (await answer.json())["allowed_origins"]
        return found


async def test_nobody_may_until_the_owner_says_so(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    address = f"/api/campaigns/{organization.code}/widget"
    async with http.get(address, headers={"origin": SHOP}) as answer:
        assert answer.status == 403
        assert SHOP in (await answer.json())["error"]["message"]
    assert await _allow(http, organization, "www.example.com/a", SHOP, "*.example.org") == [
        SHOP,
        "https://*.example.org",
    ]
    async with http.get(address, headers={"origin": SHOP, "accept-language": "de"}) as answer:
        assert answer.status == 200
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert answer.headers["vary"] == "Origin"
        found = await answer.json()
    assert found["open"]
    assert found["title"] == f"Chat mit {found['agent_name']}"
    async with http.get(f"/embed/{organization.code}") as answer:
        policy = answer.headers["content-security-policy"]
        assert policy.endswith(f"frame-ancestors 'self' {SHOP} https://*.example.org")
    async with http.get(f"/chat/{organization.code}") as answer:
        assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")


@pytest.mark.parametrize("website", ["https://example.com; script-src *", "*", "nonsense nonsense"])
async def test_what_is_no_website_is_refused(
    http: aiohttp.ClientSession, organization: Organization, website: str
) -> None:
    async with http.patch(
        f"/api/campaigns/{organization.code}",
        json={"allowed_origins": [website]},
        headers=organization.bearer,
    ) as answer:
        assert answer.status == 400
        [fault] = (await answer.json())["error"]["details"]["errors"]
        assert fault["field"] == "allowed_origins.0"


async def test_a_campaign_that_is_over_says_so(
    http: aiohttp.ClientSession, organization: Organization
) -> None:
    await _allow(http, organization, SHOP)
    async with http.patch(
        f"/api/campaigns/{organization.code}", json={"is_active": False}, headers=organization.bearer
    ) as answer:
        assert answer.status == 200
    async with http.get(f"/api/campaigns/{organization.code}/widget", headers={"origin": SHOP}) as answer:
        assert not (await answer.json())["open"]


async def test_the_script_may_be_loaded_from_anywhere(http: aiohttp.ClientSession) -> None:
    async with http.get("/widget.js") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/javascript"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
