"""`/api/v1/users`."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from api.dependencies import PartsOf, may
from api.paging import PageLimit, PageNumber
from api.schemas import errors
from api.users.schemas import NewUser, User, UserChange, UserList
from core.security.permissions import Role
from core.security.principal import Principal

router = APIRouter(prefix="/api/v1/users", tags=["users"])
Reader = Annotated[Principal, Depends(may("read:users"))]
Writer = Annotated[Principal, Depends(may("write:users"))]
UserId = Annotated[str, Path(max_length=64)]


@router.get("", summary="List users", operation_id="list_users", responses=errors(401, 403, 422, 429, 503))
async def list_users(
    principal: Reader,
    parts: PartsOf,
    page: PageNumber = 1,
    limit: PageLimit = 20,
    role: Role | None = None,
    is_active: bool | None = None,
) -> UserList:
    """The people of the organization, the newest first."""
    return await parts.identities.users.page(principal, role, is_active, page, limit)


@router.post(
    "",
    summary="Create a user",
    operation_id="create_user",
    status_code=201,
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def create_user(body: NewUser, principal: Writer, parts: PartsOf) -> User:
    """A new account in the organization, with a password to begin with."""
    return await parts.identities.users.create(principal, body)


@router.get(
    "/{user_id}",
    summary="Read a user",
    operation_id="get_user",
    responses=errors(401, 403, 404, 422, 429, 503),
)
async def get_user(user_id: UserId, principal: Reader, parts: PartsOf) -> User:
    """One person of the organization."""
    return await parts.identities.users.read(principal, user_id)


@router.patch(
    "/{user_id}",
    summary="Update a user",
    operation_id="change_user",
    responses=errors(401, 403, 404, 409, 413, 422, 429, 503),
)
async def change_user(user_id: UserId, body: UserChange, principal: Writer, parts: PartsOf) -> User:
    """Another name or role; deactivating ends every session here at once."""
    return await parts.identities.users.change(principal, user_id, body)


@router.delete(
    "/{user_id}",
    summary="Delete a user",
    operation_id="delete_user",
    status_code=204,
    responses=errors(401, 403, 404, 409, 422, 429, 503),
)
async def delete_user(user_id: UserId, principal: Writer, parts: PartsOf) -> None:
    """Out of the organization; an account that belongs to no other one is deleted with it."""
    await parts.identities.users.remove(principal, user_id)
