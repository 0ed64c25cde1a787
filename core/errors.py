"""Everything that can go wrong on purpose.

::

    LimitlessError                 code, status, message, details, headers
    ├── InvalidInput               400 or 422, by the route's prefix
    ├── PayloadTooLarge            413
    ├── TooSlow                    408  the body did not come
    ├── Unauthenticated            401  no token
    ├── InvalidToken               401  a bad or expired one
    ├── AuthenticationFailed       401  a wrong address, password or code
    ├── Forbidden                  403
    ├── NotFound                   404
    │   └── CampaignNotFound
    ├── Conflict                   409
    ├── Gone                       410
    │   └── CampaignExpired
    ├── RateLimited                429
    │   └── CampaignLimitReached
    ├── Unavailable                503  a part that we need is away; try again
    └── OutsideError               what a call to another system came to
        ├── TransientOutsideError  worth another try
        └── TerminalOutsideError   will fail the same way again
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

RETRY_AFTER_S: Final = "3600"
"""When to try again where no window says it: a campaign that is used up may be opened further."""


class LimitlessError(Exception):
    """An error that a caller can act on.

    ``code`` is the envelope's code, ``status`` the HTTP status, ``details`` what the caller needs to
    mend it; nothing in either may be secret.
    """

    code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = dict(details or {})
        self.headers = dict(headers or {})


class InvalidInput(LimitlessError):
    """The request is well addressed, but its content is not acceptable."""

    code = "INVALID_INPUT"
    status = 400


class PayloadTooLarge(LimitlessError):
    """The body is over the size that the route takes."""

    code = "PAYLOAD_TOO_LARGE"
    status = 413


class TooSlow(LimitlessError):
    """The request's body did not come in time."""

    code = "REQUEST_TIMEOUT"
    status = 408


class Unauthenticated(LimitlessError):
    """Nobody said who is asking."""

    code = "UNAUTHORIZED"
    status = 401


class InvalidToken(LimitlessError):
    """A token was sent, and it is forged, foreign or expired."""

    code = "INVALID_TOKEN"
    status = 401


class AuthenticationFailed(LimitlessError):
    """The address, the password or the code is wrong; never says which."""

    code = "AUTHENTICATION_ERROR"
    status = 401


class Forbidden(LimitlessError):
    """Known, but not allowed to."""

    code = "INSUFFICIENT_PERMISSIONS"
    status = 403


class NotFound(LimitlessError):
    """No such thing here; another organization's thing is answered the same way."""

    code = "NOT_FOUND"
    status = 404


class CampaignNotFound(NotFound):
    """No campaign has this code."""

    code = "CAMPAIGN_NOT_FOUND"


class Conflict(LimitlessError):
    """It clashes with something that exists."""

    code = "CONFLICT"
    status = 409


class Gone(LimitlessError):
    """It existed and is over."""

    code = "GONE"
    status = 410


class CampaignExpired(Gone):
    """The campaign's time is over, or it is paused."""

    code = "CAMPAIGN_EXPIRED"


class RateLimited(LimitlessError):
    """Too many requests; ``Retry-After`` says when to come back.

    ``first`` for the first one that a window refuses, which is written down; the others are not.
    """

    code = "RATE_LIMIT_EXCEEDED"
    status = 429

    def __init__(
        self,
        message: str,
        *,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        first: bool = False,
    ) -> None:
        super().__init__(message, details=details, headers={"Retry-After": RETRY_AFTER_S, **(headers or {})})
        self.first = first


class CampaignLimitReached(RateLimited):
    """The campaign has begun as many conversations as its owner allowed."""

    code = "CAMPAIGN_LIMIT_REACHED"


class Unavailable(LimitlessError):
    """Something that we stand on is away for the moment."""

    code = "SERVICE_UNAVAILABLE"
    status = 503


class OutsideError(LimitlessError):
    """A call to another system failed."""

    code = "SERVICE_UNAVAILABLE"
    status = 503


class TransientOutsideError(OutsideError):
    """A time-out, a dropped connection, a 429 or a 5xx: worth another try."""


class TerminalOutsideError(OutsideError):
    """A refusal that another try will not change."""
