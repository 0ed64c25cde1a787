"""`/api/v1/invitations`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.counting import COUNTED_AUTHENTICATION, counted_by_principal
from api.dependencies import PartsOf, may, public
from api.invitations.schemas import (
    AcceptInvitation,
    Invitation,
    InvitationAccepted,
    InvitationList,
    NewInvitation,
)
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/invitations", tags=["users"])
COUNTED_INVITING = counted_by_principal("authentication", "user_id")
"""Each one sends a mail to whoever was named."""
Reader = Annotated[Principal, Depends(may("read:users"))]
Writer = Annotated[Principal, Depends(may("write:users"))]


@router.post(
    "",
    summary="Invite somebody",
    operation_id="create_invitation",
    dependencies=[COUNTED_INVITING],
    status_code=201,
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def create_invitation(body: NewInvitation, principal: Writer, parts: PartsOf) -> Invitation:
    """Writes to the address; the link in the mail makes the membership, within seven days."""
    return await parts.identities.invitations.invite(principal, body)


@router.get(
    "",
    summary="List invitations",
    operation_id="list_invitations",
    responses=errors(401, 403, 422, 429, 503),
)
async def list_invitations(
    principal: Reader, parts: PartsOf, page: PageNumber = 1, limit: PageLimit = 20
) -> InvitationList:
    """Those that wait, newest first."""
    return await parts.identities.invitations.page(principal, page, limit)


@router.delete(
    "/{invitation_id}",
    summary="Take an invitation back",
    operation_id="delete_invitation",
    status_code=204,
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def delete_invitation(
    invitation_id: Annotated[str, Path(max_length=64)], principal: Writer, parts: PartsOf
) -> None:
    """Its link is of no use any more."""
    await parts.identities.invitations.revoke(principal, invitation_id)


@router.post(
    "/accept",
    summary="Accept an invitation",
    operation_id="accept_invitation",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def accept_invitation(body: AcceptInvitation, parts: PartsOf) -> InvitationAccepted:
    """By the token of the mailed link; a new account takes a name and a password."""
    return await parts.identities.invitations.accept(body)
