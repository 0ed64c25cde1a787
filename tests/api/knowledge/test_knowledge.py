"""`/api/knowledge`, and what the documents do to a conversation."""

import json
from typing import Any

import aiohttp
import pytest

from tests.api.chat.talking import say, text_of
from tests.api.conftest import NewOrganization
from tests.api.documents.conftest import Process, uploaded
from tests.api.organization import Organization

FINLAND = b"# Shipping\n\nThe printed workbook is sent to Finland and Norway by post within nine days.\n"
QUESTION = "Do you send the printed workbook to Finland?"
UNKNOWN = "Is there a parking garage near the zoo?"


async def attempt(http: aiohttp.ClientSession, organization: Organization, **body: Any) -> dict[str, Any]:
    async with http.post("/api/knowledge/search", json=body, headers=organization.bearer) as answer:
        assert answer.status == 200
        result: dict[str, Any] = await answer.json()
    return result


async def gaps(http: aiohttp.ClientSession, organization: Organization, **query: Any) -> dict[str, Any]:
    async with http.get("/api/knowledge/gaps", params=query, headers=organization.bearer) as answer:
        assert answer.status == 200
        result: dict[str, Any] = await answer.json()
    return result


async def limit(http: aiohttp.ClientSession, organization: Organization, **limits: list[str] | None) -> None:
    path = f"/api/campaigns/{organization.code}"
    async with http.patch(path, json=limits, headers=organization.bearer) as answer:
        assert answer.status == 200
        campaign = await answer.json()
    assert campaign["knowledge_categories"] == [word.lower() for word in limits["knowledge_categories"] or []]


class TestSearch:
    async def test_shows_what_the_agent_would_see(
        self, http: aiohttp.ClientSession, knowing: Organization
    ) -> None:
        result = await attempt(http, knowing, question="Can I pay with PayPal?")
        assert result["answered"] is True
        best = result["results"][0]
        assert "We do not take PayPal" in best["passage"]
        assert (best["document"], best["page"]) == ("price_list.pdf", 1)
        assert best["heading"] == "Price List 2026 › Ways to pay"
        assert best["given_to_agent"] is True
        assert best["similarity"] > 0.2
        assert best["word_coverage"] > 0.3
        assert sum(one["given_to_agent"] for one in result["results"]) <= 5

    async def test_says_when_nothing_answers(
        self, http: aiohttp.ClientSession, knowing: Organization
    ) -> None:
        result = await attempt(http, knowing, question="How do I bake sourdough bread?")
        assert result["answered"] is False
        assert not any(one["given_to_agent"] for one in result["results"])

    async def test_keeps_to_a_campaigns_limits(
        self, http: aiohttp.ClientSession, knowing: Organization
    ) -> None:
        await limit(http, knowing, knowledge_categories=["ES"])
        result = await attempt(http, knowing, question="PayPal", campaign_code=knowing.code)
        assert {one["category"] for one in result["results"]} == {"es"}
        result = await attempt(http, knowing, question="PayPal", tags=["price_list"])
        assert {one["document"] for one in result["results"]} == {"price_list.pdf"}

    @pytest.mark.parametrize(
        "body", [{}, {"question": ""}, {"question": "x" * 1001}, {"question": "x", "limit": 0}]
    )
    async def test_refuses_bad_input(
        self, http: aiohttp.ClientSession, organization: Organization, body: dict[str, Any]
    ) -> None:
        async with http.post("/api/knowledge/search", json=body, headers=organization.bearer) as answer:
            assert answer.status == 400

    async def test_knows_no_other_organizations_campaign(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        mine, theirs = await new_organization(), await new_organization()
        body = {"question": "x", "campaign_code": theirs.code}
        async with http.post("/api/knowledge/search", json=body, headers=mine.bearer) as answer:
            assert answer.status == 404

    async def test_shows_nothing_of_others(
        self, http: aiohttp.ClientSession, knowing: Organization, new_organization: NewOrganization
    ) -> None:
        result = await attempt(http, await new_organization(), question="Can I pay with PayPal?")
        assert (result["answered"], result["results"]) == (False, [])


class TestConversation:
    async def test_a_reply_says_where_it_is_from(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        document_id = await uploaded(http, organization, FINLAND, "shipping.md")
        await process(organization, document_id)
        events = await say(http, organization.code, QUESTION)
        assert "nine days" in text_of(events)
        [told] = [event for event in events if event.kind == "sources"]
        [source] = told.data["sources"]
        assert source["document_id"] == document_id
        assert (source["title"], source["heading"], source["page"]) == ("shipping.md", "Shipping", None)
        assert "Finland and Norway" in source["passage"]
        done = events[-1].data
        assert done["metadata"]["sources"] == [source]
        path = f"/api/conversations/{done['thread_id']}/transcript"
        async with http.get(path, headers=organization.bearer) as answer:
            transcript = await answer.json()
        assert transcript["messages"][-1]["metadata"]["sources"] == [source]
        async with http.get("/api/chat/history", params={"campaign_code": organization.code}) as answer:
            own = await answer.json()
        assert [message["sources"] for message in own["messages"][-2:]] == [[], [source]]

    async def test_a_reply_in_one_piece_says_it_too(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        body = {"campaign_code": organization.code, "message": QUESTION}
        async with http.post("/api/chat", json=body) as answer:
            reply = await answer.json()
        assert [source["title"] for source in reply["metadata"]["sources"]] == ["shipping.md"]

    async def test_a_reply_for_the_ai_sdk_says_it_too(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        message = {"id": "m-1", "role": "user", "parts": [{"type": "text", "text": QUESTION}]}
        body = {"id": "chat-1", "messages": [message], "campaign_code": organization.code}
        async with http.post("/api/chat/ai-sdk", json=body) as answer:
            told = await answer.text()
        frames = [line.removeprefix("data: ") for line in told.splitlines() if line.startswith("data: {")]
        [source] = [part for part in map(json.loads, frames) if part["type"] == "source-document"]
        assert source["title"] == "shipping.md"
        assert "Finland and Norway" in source["providerMetadata"]["limitless"]["passage"]

    async def test_a_question_may_go_on_from_the_one_before(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        assert "nine days" not in text_of(await say(http, organization.code, "And in which box?"))
        await say(http, organization.code, QUESTION)
        assert "nine days" in text_of(await say(http, organization.code, "And in which box?"))

    async def test_what_was_deleted_is_not_said_any_more(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        document_id = await uploaded(http, organization, FINLAND, "shipping.md")
        await process(organization, document_id)
        async with http.delete(f"/api/documents/{document_id}", headers=organization.bearer) as answer:
            assert answer.status == 200
        events = await say(http, organization.code, QUESTION)
        assert "nine days" not in text_of(events)
        assert not [event for event in events if event.kind == "sources"]

    async def test_a_reply_from_the_playbook_names_no_document(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        events = await say(http, organization.code, "Yes, I'm a fitness coach")
        assert not [event for event in events if event.kind == "sources"]

    async def test_a_campaign_answers_from_what_it_may(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(
            organization, await uploaded(http, organization, FINLAND, "shipping.md", category="inside")
        )
        await limit(http, organization, knowledge_categories=["public"])
        assert "nine days" not in text_of(await say(http, organization.code, QUESTION))
        await limit(http, organization, knowledge_categories=None)
        assert "nine days" in text_of(await say(http, organization.code, QUESTION, instagram_handle="@other"))


class TestGaps:
    async def test_keeps_questions_that_nothing_answers(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        events = await say(http, organization.code, UNKNOWN)
        found = await gaps(http, organization)
        assert (found["total"], found["questions"]) == (1, 1)
        [gap] = found["gaps"]
        assert (gap["question"], gap["count"]) == (UNKNOWN, 1)
        [question] = gap["questions"]
        assert question["conversation_id"] == events[-1].data["thread_id"]
        assert question["campaign_code"] == organization.code

    async def test_keeps_none_that_was_answered(
        self, http: aiohttp.ClientSession, organization: Organization, process: Process
    ) -> None:
        await process(organization, await uploaded(http, organization, FINLAND, "shipping.md"))
        for message in (QUESTION, "Yes, I'm a fitness coach", "How much does it cost?"):
            await say(http, organization.code, message)
        assert (await gaps(http, organization))["gaps"] == []

    async def test_groups_what_is_alike(
        self, http: aiohttp.ClientSession, organization: Organization, stranger: aiohttp.ClientSession
    ) -> None:
        asked = [
            "Is there a parking garage near the zoo?",
            "Where can I park near the zoo?",
            "Do you have a parking garage by the zoo?",
            "Can my dog come along to the vet?",
        ]
        for number, question in enumerate(asked):
            await say(stranger, organization.code, question, instagram_handle=f"@lead_{number}")
        found = await gaps(http, organization)
        assert [gap["count"] for gap in found["gaps"]] == [3, 1]
        assert (found["total"], found["questions"], found["has_more"]) == (2, 4, False)
        page = await gaps(http, organization, limit=1)
        assert (len(page["gaps"]), page["has_more"]) == (1, True)

    async def test_forgets_what_is_dealt_with(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        mine, theirs = await new_organization(), await new_organization()
        await say(http, mine.code, UNKNOWN)
        ids = [question["id"] for gap in (await gaps(http, mine))["gaps"] for question in gap["questions"]]
        for organization, forgotten in ((theirs, 0), (mine, 1)):
            body = {"ids": ids}
            async with http.post(
                "/api/knowledge/gaps/forget", json=body, headers=organization.bearer
            ) as answer:
                assert await answer.json() == {"success": True, "forgotten": forgotten}
        assert (await gaps(http, mine))["gaps"] == []

    async def test_shows_nothing_of_others(
        self, http: aiohttp.ClientSession, new_organization: NewOrganization
    ) -> None:
        await say(http, (await new_organization()).code, UNKNOWN)
        assert (await gaps(http, await new_organization()))["gaps"] == []
