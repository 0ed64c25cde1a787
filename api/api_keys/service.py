"""What an organization does with its API keys."""

from api.api_keys import repository
from api.api_keys.schemas import ApiKey, ApiKeyList, CreatedApiKey, NewApiKey
from core.database import Database
from core.errors import NotFound
from core.identifiers import new_id
from core.security.api_keys import key_hash, new_key
from core.security.principal import Principal


async def create(database: Database, principal: Principal, wanted: NewApiKey) -> CreatedApiKey:
    """A new key, which may nothing that its maker may not; raises `core.errors.Forbidden`."""
    for scope in wanted.scopes:
        principal.require(scope)
    key = new_key()
    values = {
        "id": new_id("key"),
        "organization_id": principal.organization_id,
        "created_by": principal.user_id,
        "name": wanted.name,
        "prefix": key.prefix,
        "key_hash": key_hash(key.value),
        "scopes": sorted(set(wanted.scopes)),
        "expires_at": wanted.expires_at,
    }
    async with database.transaction(principal.claims) as connection:
        row = await repository.insert(connection, values)
    return CreatedApiKey(**row, key=key.value)


async def page(database: Database, principal: Principal, page: int, limit: int) -> ApiKeyList:
    """The organization's keys, those that are over among them."""
    async with database.transaction(principal.claims) as connection:
        rows, total = await repository.page(connection, limit, (page - 1) * limit)
    return ApiKeyList.of([ApiKey(**row) for row in rows], total, page, limit)


async def revoke(database: Database, principal: Principal, key_id: str) -> None:
    """End a key at once; raises `core.errors.NotFound`."""
    async with database.transaction(principal.claims) as connection:
        if not await repository.revoke(connection, key_id):
            raise NotFound("There is no such API key")
