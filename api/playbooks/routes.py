"""`/api/playbook`: how the agent sells."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query

from agent.playbook.schema import Playbook
from api.dependencies import PartsOf, may
from api.playbooks.schemas import PlaybookVersion
from api.playbooks.service import Version
from api.schemas import errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/playbook", tags=["playbook"])
CampaignId = Annotated[
    str | None, Query(max_length=100, description="The campaign whose own playbook is meant")
]


@router.get(
    "", summary="Read the playbook", operation_id="get_playbook", responses=errors(400, 401, 403, 404, 503)
)
async def get_playbook(
    principal: Annotated[Principal, Depends(may("read:playbook"))],
    parts: PartsOf,
    campaign_id: CampaignId = None,
) -> PlaybookVersion:
    """The version that a new conversation begins with."""
    return _answer(await parts.playbooks.read(principal, campaign_id))


@router.put(
    "",
    summary="Replace the playbook",
    operation_id="put_playbook",
    responses=errors(400, 401, 403, 404, 413, 503),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Playbook"}}},
        }
    },
)
async def put_playbook(
    principal: Annotated[Principal, Depends(may("write:playbook"))],
    parts: PartsOf,
    document: Annotated[dict[str, object], Body()],
    campaign_id: CampaignId = None,
) -> PlaybookVersion:
    """Makes a new version; conversations that have begun keep theirs."""
    return _answer(await parts.playbooks.replace(principal, document, campaign_id))


def _answer(found: Version) -> PlaybookVersion:
    playbook: Playbook = found.playbook
    return PlaybookVersion(
        id=found.id,
        version=found.version,
        campaign_id=found.campaign_id,
        created_at=found.created_at,
        playbook=playbook,
    )
