"""What the second-factor routes take and give."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from api.schemas import Body

Code = Annotated[str, StringConstraints(min_length=6, max_length=20, pattern=r"^[0-9A-Za-z -]+$")]


class MfaCode(Body):
    """A code of the authenticator app, or a backup code."""

    code: Code = Field(examples=["123456"])


class MfaEnrollment(BaseModel):
    """What to put into the authenticator app, and what to put away safely. Shown once."""

    secret: str
    qr_code_url: str
    """The ``otpauth`` link."""
    qr_code_image: str
    """The link as a picture: an SVG in a ``data`` URL."""
    backup_codes: list[str]


class MfaState(BaseModel):
    """Whether signing in takes a second step."""

    success: Literal[True] = True
    mfa_enabled: bool
