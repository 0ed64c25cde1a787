"""One turn's look into the owner's documents."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any

from agent.context import Findings
from agent.guard.links import links
from agent.responders.base import Passage
from agent.responders.scripted.words import folded, topics
from agent.state import Perception
from api.knowledge import gaps
from core.database import Claims
from core.database.pool import Connection
from core.identifiers import new_id
from core.knowledge.passages import SURE, choose, used
from core.knowledge.questions import in_context
from core.knowledge.scope import Restriction
from core.knowledge.search import Hit, KnowledgeSearch

ASKING = frozenset({"question", "objection"})
SHOWN = 3
PASSAGE_SHOWN = 800
QUESTION = 500


class Consultation:
    """What the agent is given for one turn, what its reply used, and the question that stayed open."""

    def __init__(
        self,
        search: KnowledgeSearch,
        organization_id: str,
        campaign_id: str,
        conversation_id: str,
        turn_id: str,
        *,
        has_documents: bool = True,
    ) -> None:
        self._search = search
        self._claims = Claims.for_organization(organization_id)
        self._restriction = Restriction(campaign_id=campaign_id)
        self._about = {
            "organization_id": organization_id,
            "campaign_id": campaign_id,
            "conversation_id": conversation_id,
            "turn_id": turn_id,
        }
        self._has_documents = has_documents
        self._question = ""
        self._hits: Sequence[Hit] = ()
        self._gap: Mapping[str, Any] | None = None

    async def __call__(self, words: str, before: str, perception: Perception) -> Findings:
        """The passages for the lead's ``words``; none where nothing was asked, or nothing answers.

        ``before`` is what the lead asked before them.
        """
        if not needs_knowledge(words, perception):
            return Findings(decision={"needed": False})
        began = perf_counter()
        question = in_context(words, before)
        choice = choose(await self._hits_for(question))
        self._question, self._gap = question, None
        self._hits = choice.hits if choice.answers else ()
        if choice.relevance < SURE and perception["intent"] == "question" and not topics(folded(words)):
            self._gap = {"question": question[:QUESTION], "language": perception["language"]}
        return Findings(
            passages=[_passage(hit) for hit in self._hits],
            decision={
                "needed": True,
                "answered": choice.answers,
                "relevance": round(choice.relevance, 3),
                "passages": len(self._hits),
                "ms": round((perf_counter() - began) * 1000, 1),
            },
        )

    async def _hits_for(self, question: str) -> Sequence[Hit]:
        if not self._has_documents:
            return ()
        return await self._search.search(self._claims, question, self._restriction)

    @property
    def pending(self) -> bool:
        """Whether there is something to `save`."""
        return self._gap is not None

    def sources(self, reply: str) -> list[dict[str, Any]]:
        """What ``reply`` drew on, as its reader may see it. Where it did, the question is no open one."""
        drawn_on = used(reply, self._question, self._hits)
        if drawn_on:
            self._gap = None
        return [source(hit) for hit in drawn_on[:SHOWN]]

    async def save(self, connection: Connection) -> None:
        """Keep the question that nothing answered, for the owner."""
        if self._gap is not None:
            await gaps.insert(connection, {"id": new_id("gap"), **self._about, **self._gap})


def needs_knowledge(words: str, perception: Perception) -> bool:
    """Whether the documents are worth a look: something is asked, or doubted. Costs nothing."""
    return perception["intent"] in ASKING or ("?" in words and perception["intent"] != "asks_if_ai")


def source(hit: Hit) -> dict[str, Any]:
    """A hit as a reply's reader may see it."""
    return {
        "document_id": hit.document_id,
        "title": hit.filename,
        "heading": _without_links(hit.heading) or None,
        "page": hit.page,
        "passage": _without_links(hit.text[:PASSAGE_SHOWN]),
    }


def _without_links(text: str) -> str:
    """Whoever wrote the document, leads are sent to the playbook's links alone."""
    for link in sorted(set(links(text)), key=len, reverse=True):
        text = text.replace(link, "[…]")
    return text


def _passage(hit: Hit) -> Passage:
    return Passage(
        document_id=hit.document_id,
        title=hit.filename,
        text=hit.text,
        page=hit.page,
        heading=hit.heading or None,
    )
