"""What an owner does with knowledge."""

from time import perf_counter

from api.campaigns import repository as campaigns
from api.knowledge import gaps
from api.knowledge.gaps import Gap
from api.knowledge.schemas import Found, GapQuestion, KnowledgeGap, KnowledgeGaps, Trial, TrialResult
from core.database import Claims, Database
from core.errors import CampaignNotFound
from core.knowledge.passages import choose
from core.knowledge.scope import Restriction
from core.knowledge.search import DEPTH, KnowledgeSearch
from core.security.principal import Principal

QUESTIONS_SHOWN = 20
_COLUMNS = ("id", "question", "language", "campaign_code", "conversation_id")


async def attempt(
    database: Database, search: KnowledgeSearch, principal: Principal, trial: Trial
) -> TrialResult:
    """What the agent would see; raises `core.errors.CampaignNotFound`."""
    restriction = Restriction(trial.categories, trial.tags, await _campaign(database, principal, trial))
    began = perf_counter()
    hits = await search.search(_claims(principal), trial.question, restriction, wanted=DEPTH)
    took_ms = (perf_counter() - began) * 1000
    choice = choose(hits)
    given = {hit.chunk_id for hit in choice.hits} if choice.answers else set()
    results = [
        Found(
            document_id=hit.document_id,
            document=hit.filename,
            category=hit.category,
            heading=hit.heading or None,
            page=hit.page,
            passage=hit.text,
            score=round(hit.score, 5),
            similarity=_rounded(hit.similarity),
            word_score=_rounded(hit.words),
            word_coverage=_rounded(hit.coverage),
            given_to_agent=hit.chunk_id in given,
        )
        for hit in hits[: trial.limit]
    ]
    return TrialResult(
        question=trial.question,
        answered=choice.answers,
        relevance=round(choice.relevance, 4),
        results=results,
        took_ms=round(took_ms, 1),
    )


async def open_gaps(
    database: Database, principal: Principal, campaign_code: str | None, limit: int, offset: int
) -> KnowledgeGaps:
    """What leads asked and no document answered; raises `core.errors.CampaignNotFound`."""
    async with database.transaction(_claims(principal)) as connection:
        campaign_id = None
        if campaign_code is not None:
            row = await campaigns.by_code(connection, campaign_code)
            campaign_id = _known(row, campaign_code)
        questions = await gaps.newest(connection, campaign_id)
    groups = await gaps.grouped(questions)
    page = groups[offset : offset + limit]
    return KnowledgeGaps(
        gaps=[_shown(gap) for gap in page],
        total=len(groups),
        questions=len(questions),
        has_more=offset + len(page) < len(groups),
    )


async def forget(database: Database, principal: Principal, gap_ids: list[str]) -> int:
    """Drop questions that are dealt with; how many there were."""
    async with database.transaction(_claims(principal)) as connection:
        return await gaps.delete(connection, gap_ids)


async def _campaign(database: Database, principal: Principal, trial: Trial) -> str | None:
    if trial.campaign_code is None:
        return None
    async with database.transaction(_claims(principal)) as connection:
        return _known(await campaigns.by_code(connection, trial.campaign_code), trial.campaign_code)


def _known(row: object, code: str) -> str:
    if not isinstance(row, dict):
        raise CampaignNotFound(f"Campaign code {code} does not exist", details={"campaign_code": code})
    return str(row["id"])


def _shown(gap: Gap) -> KnowledgeGap:
    newest, oldest = gap.questions[0], gap.questions[-1]
    return KnowledgeGap(
        question=newest["question"],
        count=len(gap.questions),
        first_asked_at=oldest["created_at"],
        last_asked_at=newest["created_at"],
        questions=[
            GapQuestion(
                **{
                    name: row[name]
                    for name in ("id", "question", "language", "campaign_code", "conversation_id")
                },
                asked_at=row["created_at"],
            )
            for row in gap.questions[:QUESTIONS_SHOWN]
        ],
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _claims(principal: Principal) -> Claims:
    return Claims.for_organization(principal.organization_id, principal.user_id)
