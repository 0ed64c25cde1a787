"""`/api/campaigns`."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest

from api.campaigns.service import UNAMBIGUOUS
from core.clock import rfc3339, utc_now
from core.database import Claims, Database
from tests.api.chat.talking import say
from tests.api.conftest import NewOrganization
from tests.api.organization import Organization


class TestCreateCampaign:
    async def test_makes_a_link_and_a_qr_code(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        body = {"name": "Instagram Ads", "description": "Winter", "max_uses": 100}
        async with http.post("/api/campaigns/create", json=body, headers=organization.bearer) as answer:
            assert answer.status == 201
            campaign = (await answer.json())["campaign"]
        assert campaign["id"].startswith("camp_")
        assert len(campaign["code"]) == 6
        assert set(campaign["code"]) <= set(UNAMBIGUOUS)
        assert campaign["url"].endswith(f"/chat/{campaign['code']}")
        for form, magic in (("png", b"\x89PNG"), ("svg", b"<?xml")):
            async with http.get(f"/api/campaigns/{campaign['code']}/qr.{form}") as picture:
                assert picture.status == 200
                assert (await picture.read()).startswith(magic)

    async def test_takes_the_owners_own_word_once(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        body = {"name": "Spring", "code": f"own-{organization.code[-8:]}"}
        async with http.post("/api/campaigns/create", json=body, headers=organization.bearer) as answer:
            assert (await answer.json())["campaign"]["code"] == body["code"].upper()
        async with http.post("/api/campaigns/create", json=body, headers=organization.bearer) as answer:
            assert answer.status == 409

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": "x" * 201},
            {"name": "x", "max_uses": 0},
            {"name": "x", "max_uses": "many"},
            {"name": "x", "expires_at": "2020-01-01T00:00:00Z"},
            {"name": "x", "expires_at": "tomorrow"},
            {"name": "x", "code": "a b"},
            {"name": "x", "organization_id": "org_other"},
        ],
    )
    async def test_refuses_bad_input_with_the_field(
        self, http: aiohttp.ClientSession, organization: Organization, body: dict[str, object]
    ) -> None:
        async with http.post("/api/campaigns/create", json=body, headers=organization.bearer) as answer:
            assert answer.status == 400
            error = (await answer.json())["error"]
        assert error["code"] == "INVALID_INPUT"
        assert error["details"]["errors"][0]["field"] in {"name", *body}

    async def test_anonymous(self, http: aiohttp.ClientSession) -> None:
        async with http.post("/api/campaigns/create", json={"name": "x"}) as answer:
            assert answer.status == 401
            assert (await answer.json())["error"]["code"] == "UNAUTHORIZED"

    async def test_a_viewer_may_not(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        viewer = await new_organization("viewer")
        async with http.post("/api/campaigns/create", json={"name": "x"}, headers=viewer.bearer) as answer:
            assert answer.status == 403


class TestListCampaigns:
    async def test_shows_the_organizations_own_alone(
        self, http: aiohttp.ClientSession, organization: Organization, new_organization: NewOrganization
    ) -> None:
        await new_organization()
        async with http.get("/api/campaigns", headers=organization.bearer) as answer:
            found = await answer.json()
        assert [c["code"] for c in found["campaigns"]] == [organization.code]
        assert (found["total"], found["has_more"]) == (1, False)

    async def test_pages_and_filters(self, http: aiohttp.ClientSession, organization: Organization) -> None:
        for n in range(3):
            body = {"name": f"Campaign {n}"}
            async with http.post("/api/campaigns/create", json=body, headers=organization.bearer):
                pass
        seen = []
        for offset in range(0, 4, 2):
            params = {"limit": "2", "offset": str(offset), "status": "active"}
            async with http.get("/api/campaigns", params=params, headers=organization.bearer) as answer:
                page = await answer.json()
            assert page["total"] == 4
            assert page["has_more"] is (offset == 0)
            seen += [c["id"] for c in page["campaigns"]]
        assert len(set(seen)) == 4
        async with http.get("/api/campaigns?status=expired", headers=organization.bearer) as answer:
            assert (await answer.json())["total"] == 0

    async def test_refuses_an_unknown_filter(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        async with http.get("/api/campaigns?status=old", headers=organization.bearer) as answer:
            assert answer.status == 400


class TestValidateCampaign:
    async def test_says_what_a_lead_may_know(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        async with http.get(f"/api/campaigns/{organization.code.lower()}/validate") as answer:
            found = await answer.json()
        assert found["valid"] is True
        assert set(found["campaign"]) == {"code", "name", "expires_at", "is_active"}

    async def test_an_unknown_code(self, http: aiohttp.ClientSession) -> None:
        async with http.get("/api/campaigns/NOSUCH/validate") as answer:
            assert answer.status == 404
            error = (await answer.json())["error"]
        assert error["code"] == "CAMPAIGN_NOT_FOUND"
        assert error["details"] == {"campaign_code": "NOSUCH"}

    async def test_a_paused_and_resumed_one(
        self, http: aiohttp.ClientSession, organization: Organization
    ) -> None:
        path = f"/api/campaigns/{organization.code}"
        for active, status in ((False, 410), (True, 200)):
            async with http.patch(path, json={"is_active": active}, headers=organization.bearer) as answer:
                assert (await answer.json())["is_active"] is active
            async with http.get(f"{path}/validate") as answer:
                assert answer.status == status

    async def test_one_whose_time_is_over(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        over = await new_organization(expires_at=utc_now() - timedelta(minutes=1))
        async with http.get(f"/api/campaigns/{over.code}/validate") as answer:
            assert answer.status == 410
            assert (await answer.json())["error"]["code"] == "CAMPAIGN_EXPIRED"


class TestChangeCampaign:
    async def test_another_organizations_answers_like_one_that_does_not_exist(
        self, http: aiohttp.ClientSession, organization: Organization, new_organization: NewOrganization
    ) -> None:
        other = await new_organization()
        answers = []
        for code in (other.code, "NOSUCHCODE"):
            async with http.patch(
                f"/api/campaigns/{code}", json={"name": "mine"}, headers=organization.bearer
            ) as answer:
                error = (await answer.json())["error"]
                answers.append((answer.status, error["code"], error["message"].replace(code, "")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404

    async def test_null_lifts_a_limit_and_what_is_left_out_stays(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        own = await new_organization(max_uses=3)
        soon = rfc3339(utc_now() + timedelta(days=1))
        async with http.patch(
            f"/api/campaigns/{own.code}", json={"max_uses": None, "expires_at": soon}, headers=own.bearer
        ) as answer:
            found = await answer.json()
        assert (found["max_uses"], found["expires_at"], found["name"]) == (None, soon, "A campaign")


async def test_max_uses_holds_under_twenty_starts_at_once(
    stranger: aiohttp.ClientSession, new_organization: NewOrganization, database: Database
) -> None:
    own = await new_organization(max_uses=5)

    async def start(n: int) -> int:
        body = {"campaign_code": own.code, "instagram_handle": f"lead{n}", "message": "Hi"}
        async with stranger.post("/api/chat", json=body) as answer:
            if answer.status != 200:
                assert (await answer.json())["error"]["code"] == "CAMPAIGN_LIMIT_REACHED"
            return answer.status

    statuses = await asyncio.gather(*(start(n) for n in range(20)))
    assert sorted(statuses) == [200] * 5 + [429] * 15
    rows = await database.fetch(
        Claims.for_organization(own.id), "select count(*) as n from conversations", ()
    )
    assert rows[0]["n"] == 5


async def test_a_limit_that_is_set_later_begins_with_the_conversations_that_there_are(
    stranger: aiohttp.ClientSession, organization: Organization
) -> None:
    async def start(handle: str) -> int:
        body = {"campaign_code": organization.code, "instagram_handle": handle, "message": "Hi"}
        async with stranger.post("/api/chat", json=body) as answer:
            return answer.status

    assert [await start("one"), await start("two")] == [200, 200]
    path = f"/api/campaigns/{organization.code}"
    async with stranger.patch(path, json={"max_uses": 3}, headers=organization.bearer) as answer:
        assert answer.status == 200
    assert [await start("three"), await start("four")] == [200, 429]


async def test_a_used_up_campaign_lets_its_conversations_go_on(
    http: aiohttp.ClientSession, new_organization: NewOrganization
) -> None:
    own = await new_organization(max_uses=1)
    first = await say(http, own.code, "Hi")
    second = await say(http, own.code, "Yes, fitness")
    assert second[-1].data["thread_id"] == first[-1].data["thread_id"]
