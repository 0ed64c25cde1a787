"""`/api/v1/auth`."""

from fastapi import APIRouter

from api.auth.schemas import Login, LoginAnswer, SignedInUser, TokenAnswer, TokenRequest, TokenUser
from api.dependencies import PartsOf
from api.schemas import errors

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])


@router.post("/login", summary="Sign in", operation_id="login", responses=errors(401, 413, 422, 429, 503))
async def login(body: Login, parts: PartsOf) -> LoginAnswer:
    """Opens a session in the account's first organization."""
    opened = await parts.accounts.sign_in(body.email, body.password.get_secret_value())
    account = opened.account
    return LoginAnswer(
        access_token=opened.access_token.value,
        refresh_token=opened.refresh_token,
        expires_in=opened.access_token.expires_in,
        user=SignedInUser(
            id=account.user_id,
            email=account.email,
            full_name=account.full_name,
            role=account.role,
            tenant_id=account.organization_id,
        ),
    )


@router.post("/token", summary="Sign in", operation_id="get_token", responses=errors(401, 413, 422, 429, 503))
async def get_token(body: TokenRequest, parts: PartsOf) -> TokenAnswer:
    """Opens a session in ``org_id``, or in the account's first organization without it."""
    opened = await parts.accounts.sign_in(body.email, body.password.get_secret_value(), body.org_id)
    account = opened.account
    return TokenAnswer(
        access_token=opened.access_token.value,
        refresh_token=opened.refresh_token,
        expires_in=opened.access_token.expires_in,
        user=TokenUser(
            id=account.user_id, email=account.email, roles=[account.role], org_id=account.organization_id
        ),
    )
