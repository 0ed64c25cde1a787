"""What the sign-in routes take and give."""

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, AliasChoices, BaseModel, ConfigDict, Field, SecretStr, StringConstraints

from api.mfa.schemas import Code
from api.schemas import Body, Timestamp
from core.email import Email
from core.security.permissions import Role

BEARER: Final = "bearer"
MIN_PASSWORD: Final = 8
MIN_VARIETY: Final = 5
"""Different characters in a password; fewer is ``aaaaaaaa`` or ``12121212``."""


def _strong(password: SecretStr) -> SecretStr:
    text = password.get_secret_value()
    if len(text) < MIN_PASSWORD or len(set(text)) < MIN_VARIETY:
        raise ValueError(f"use at least {MIN_PASSWORD} characters, and not the same few again and again")
    return password


GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=1024, examples=["SecurePass123!"])]
NewPassword = Annotated[
    SecretStr,
    AfterValidator(_strong),
    Field(min_length=MIN_PASSWORD, max_length=1024, examples=["SecurePass123!"]),
]
FullName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$"),
]
MailToken = Annotated[str, StringConstraints(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
SignedToken = Annotated[str, StringConstraints(min_length=1, max_length=8192)]


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


class SecondStep(Body):
    """The ticket of the first step, and a code."""

    mfa_token: SignedToken
    code: Code = Field(examples=["123456"])


class Refresh(Body):
    """A refresh token, good once."""

    refresh_token: SignedToken


class Registration(PasswordBody):
    """A new account, in an organization of its own."""

    email: Email
    password: NewPassword
    full_name: FullName = Field(examples=["Jane Doe"])


class Confirmation(Body):
    """The token of a mailed link."""

    token: MailToken


class ResetRequest(Body):
    """Whose password was forgotten."""

    email: Email


class PasswordReset(PasswordBody):
    """The token of a mailed link, and the password that is to be."""

    token: MailToken
    password: NewPassword


class PasswordChange(PasswordBody):
    """The password that is, and the one that is to be."""

    current_password: GivenPassword
    new_password: NewPassword


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


class SecondStepNeeded(BaseModel):
    """The password was right; a code is still needed, within ``expires_in`` seconds."""

    mfa_required: Literal[True] = True
    mfa_token: str
    expires_in: int


class OwnOrganization(BaseModel):
    """An organization that one belongs to."""

    id: str
    name: str
    role: Role


class Me(BaseModel):
    """Who is asking."""

    id: str
    email: str
    full_name: str
    role: Role
    tenant_id: str
    org_id: str
    roles: list[Role]
    permissions: list[str]
    email_verified: bool
    mfa_enabled: bool
    organizations: list[OwnOrganization]
    created_at: Timestamp


class Done(BaseModel):
    """It is done, or will be where that is possible; the answer does not say which."""

    success: Literal[True] = True
    message: str
