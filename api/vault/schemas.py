"""What the vault routes take and give."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, SecretStr, StringConstraints

from api.paging import Page
from api.schemas import Body, Timestamp
from core.clock import utc_now

Provider = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
KeyName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$")]
_FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
Fields = TypeVar("Fields", bound=Mapping[str, object])


def _named(fields: Fields) -> Fields:
    for name in fields:
        if not _FIELD_NAME.fullmatch(name):
            raise ValueError("names are letters, digits and underscores")
    return fields


Value = Annotated[SecretStr, Field(min_length=1, max_length=16_384)]
Note = Annotated[str, StringConstraints(max_length=1000, pattern=r"^[^\x00]*$")]
GivenCredentials = Annotated[dict[str, Value], AfterValidator(_named), Field(min_length=1, max_length=50)]
Notes = Annotated[dict[str, Note], AfterValidator(_named), Field(max_length=50)]


def _ahead(moment: AwareDatetime) -> AwareDatetime:
    if moment <= utc_now():
        raise ValueError("lies in the past")
    return moment


class NewKey(Body):
    """Credentials to keep under a name."""

    provider: Provider = Field(examples=["meta_business"])
    key_name: KeyName = Field(examples=["production_key"])
    credentials: GivenCredentials = Field(examples=[{"access_token": "EAAB…", "app_id": "123456789"}])
    metadata: Notes = Field(default_factory=dict)
    rotation_days: Annotated[int, Field(ge=1, le=3650)] | None = 90
    """How many days until it should be rotated; one is reminded a week before."""
    expires_at: Annotated[AwareDatetime, AfterValidator(_ahead)] | None = None


class Rotation(Body):
    """Values that take the place of what was; the others stay."""

    new_credentials: GivenCredentials
    rotation_days: Annotated[int, Field(ge=1, le=3650)] | None = 90


class KeySummary(BaseModel):
    """A secret without its values."""

    id: str
    provider: str
    key_name: str
    version: int
    status: Literal["active", "rotated", "revoked", "expired"]
    metadata: dict[str, str]
    usage_count: int
    last_used: Timestamp | None
    next_rotation: Timestamp | None
    rotation_due: bool
    """Rotation is due within a week, or overdue."""
    expires_at: Timestamp | None
    org_id: str
    user_id: str | None
    created_at: Timestamp
    updated_at: Timestamp


class StoredKey(KeySummary):
    """A secret, its values masked unless they were asked for."""

    credentials: dict[str, str]
    revealed: bool = False


class KeyList(Page[KeySummary]):
    """A page of secrets, by name."""
