"""What the sign-in routes take and give."""

from typing import Annotated, Final, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr

from api.schemas import Body
from core.security.permissions import Role

BEARER: Final = "bearer"
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=1024, examples=["SecurePass123!"])]


class PasswordBody(Body):
    """A body with a password in it, whose spaces are the caller's own."""

    model_config = ConfigDict(str_strip_whitespace=False)


class Login(PasswordBody):
    """An account's address (as ``email`` or ``username``) and its password.

    Whatever cannot be an address is an unknown one, not a fault of its own.
    """

    email: str = Field(
        max_length=320, validation_alias=AliasChoices("email", "username"), examples=["user@example.com"]
    )
    password: GivenPassword


class TokenRequest(Login):
    """The same, into one of the account's organizations."""

    org_id: str | None = Field(default=None, max_length=64)


class SignedInUser(BaseModel):
    """Who signed in, as Stratum shows it."""

    id: str
    email: str
    full_name: str
    role: Role
    tenant_id: str


class LoginAnswer(BaseModel):
    """Tokens; ``expires_in`` is in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = BEARER
    expires_in: int
    user: SignedInUser


class TokenUser(BaseModel):
    """Who signed in, as LiftOS shows it."""

    id: str
    email: str
    roles: list[Role]
    org_id: str


class TokenAnswer(BaseModel):
    """Tokens; ``expires_in`` is in seconds."""

    access_token: str
    token_type: Literal["bearer"] = BEARER
    expires_in: int
    refresh_token: str
    user: TokenUser
