"""`/api/knowledge`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.chat.schemas import CampaignCode
from api.dependencies import PartsOf, may
from api.knowledge import service
from api.knowledge.schemas import ForgetGaps, Forgotten, KnowledgeGaps, Trial, TrialResult
from api.schemas import Limit, Offset, errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/knowledge", tags=["knowledge"])
Reader = Annotated[Principal, Depends(may("read:documents"))]
Writer = Annotated[Principal, Depends(may("write:documents"))]


@router.post(
    "/search",
    summary="Try a question",
    operation_id="search_knowledge",
    responses=errors(400, 401, 403, 404, 413, 429, 503),
)
async def search_knowledge(body: Trial, principal: Reader, parts: PartsOf) -> TrialResult:
    """What the agent would see, with scores."""
    return await service.attempt(parts.database, parts.knowledge, principal, body)


@router.get(
    "/gaps",
    summary="Questions that nothing answered",
    operation_id="list_knowledge_gaps",
    responses=errors(400, 401, 403, 404, 429, 503),
)
async def list_knowledge_gaps(
    principal: Reader,
    parts: PartsOf,
    campaign_code: Annotated[CampaignCode | None, Query()] = None,
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> KnowledgeGaps:
    """Grouped by likeness, most asked first: what to write next."""
    return await service.open_gaps(parts.database, principal, campaign_code, limit, offset)


@router.post(
    "/gaps/forget",
    summary="Forget questions that are dealt with",
    operation_id="forget_knowledge_gaps",
    responses=errors(400, 401, 403, 413, 429, 503),
)
async def forget_knowledge_gaps(body: ForgetGaps, principal: Writer, parts: PartsOf) -> Forgotten:
    """They are no longer listed."""
    return Forgotten(forgotten=await service.forget(parts.database, principal, body.ids))
