"""What the routes of API keys take and give."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from api.auth.schemas import FullName
from api.paging import Page
from api.schemas import Body, Timestamp
from core.clock import utc_now

Scope = Annotated[str, StringConstraints(pattern=r"^(read|write):(\*|[a-z_]{1,40})$")]


def _ahead(moment: AwareDatetime) -> AwareDatetime:
    if moment <= utc_now():
        raise ValueError("lies in the past")
    return moment


class NewApiKey(Body):
    """A key that may do so much, for so long."""

    name: FullName = Field(examples=["Website events"])
    scopes: list[Scope] = Field(min_length=1, max_length=50, examples=[["write:events"]])
    expires_at: Annotated[AwareDatetime, AfterValidator(_ahead)] | None = None


class ApiKey(BaseModel):
    """A key, as far as it is ever shown again."""

    id: str
    name: str
    prefix: str
    scopes: list[str]
    created_by: str
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None
    revoked_at: Timestamp | None


class CreatedApiKey(ApiKey):
    """The key itself is shown this once."""

    key: str


class ApiKeyList(Page[ApiKey]):
    """A page of keys, the newest first."""
