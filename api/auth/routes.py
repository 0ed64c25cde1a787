"""`/api/v1/auth`."""

from typing import Annotated

from fastapi import APIRouter, Cookie, Request, Response

from api.auth.profile import me
from api.auth.schemas import (
    Confirmation,
    Done,
    Login,
    LoginAnswer,
    Me,
    PasswordChange,
    PasswordReset,
    Refresh,
    Registration,
    ResetRequest,
    SecondStep,
    SecondStepNeeded,
    SignedInUser,
    TokenAnswer,
    TokenRequest,
    TokenUser,
)
from api.auth.sessions import SignedIn
from api.counting import COUNTED_AUTHENTICATION
from api.dependencies import Owner, PartsOf, public
from api.schemas import errors
from core.security.tokens import DEVICE_LIFETIME, AccessToken

DEVICE_COOKIE = "device"
THEIRS = "This session is Supabase's; sign out there, too."

router = APIRouter(prefix="/api/v1/auth", tags=["auth"])
Device = Annotated[str | None, Cookie(alias=DEVICE_COOKIE, max_length=2000)]


@router.post(
    "/login",
    summary="Sign in",
    operation_id="login",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def login(
    body: Login, request: Request, response: Response, parts: PartsOf, device: Device = None
) -> LoginAnswer | SecondStepNeeded:
    """Opens a session in the account's first organization.

    With two-factor sign-in on it gives a ticket for `login/mfa` instead.
    """
    opened = await parts.identities.accounts.sign_in(
        body.email, body.password.get_secret_value(), None, device
    )
    if isinstance(opened, AccessToken):
        return SecondStepNeeded(mfa_token=opened.value, expires_in=opened.expires_in)
    _remember_device(request, response, parts, opened.account.email)
    return _login_answer(opened)


@router.post(
    "/login/mfa",
    summary="Sign in, second step",
    operation_id="login_second_step",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 409, 413, 422, 429, 503),
)
@public
async def login_second_step(
    body: SecondStep, request: Request, response: Response, parts: PartsOf
) -> LoginAnswer:
    """Takes a code of the authenticator app, or a backup code."""
    opened = await parts.identities.accounts.second_step(body.mfa_token, body.code)
    _remember_device(request, response, parts, opened.account.email)
    return _login_answer(opened)


@router.post(
    "/token",
    summary="Sign in",
    operation_id="get_token",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def get_token(
    body: TokenRequest, request: Request, response: Response, parts: PartsOf, device: Device = None
) -> TokenAnswer | SecondStepNeeded:
    """Opens a session in ``org_id``, or in the account's first organization without it."""
    opened = await parts.identities.accounts.sign_in(
        body.email, body.password.get_secret_value(), body.org_id, device
    )
    if isinstance(opened, AccessToken):
        return SecondStepNeeded(mfa_token=opened.value, expires_in=opened.expires_in)
    _remember_device(request, response, parts, opened.account.email)
    account = opened.account
    return TokenAnswer(
        access_token=opened.access_token.value,
        refresh_token=opened.refresh_token,
        expires_in=opened.access_token.expires_in,
        user=TokenUser(
            id=account.user_id, email=account.email, roles=[account.role], org_id=account.organization_id
        ),
    )


@router.post(
    "/refresh",
    summary="Go on with a session",
    operation_id="refresh",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def refresh(body: Refresh, parts: PartsOf) -> LoginAnswer:
    """A refresh token is good once; one that comes back ends its session."""
    return _login_answer(await parts.identities.sessions.refresh(body.refresh_token))


@router.post(
    "/register",
    summary="Register",
    operation_id="register",
    dependencies=[COUNTED_AUTHENTICATION],
    status_code=202,
    responses=errors(413, 422, 429, 503),
)
@public
async def register(body: Registration, parts: PartsOf) -> Done:
    """Writes to the address; the link in the mail makes the account. An address in use gets a mail, too."""
    await parts.identities.registrations.register(body)
    return Done(message="Look into your mail to go on.")


@router.post(
    "/register/confirm",
    summary="Confirm a registration",
    operation_id="confirm_registration",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def confirm_registration(body: Confirmation, parts: PartsOf) -> Done:
    """Makes the account, in an organization of its own."""
    await parts.identities.registrations.confirm(body.token)
    return Done(message="You can sign in now.")


@router.post("/logout", summary="Sign out", operation_id="logout", responses=errors(401, 403, 429, 503))
async def logout(principal: Owner, parts: PartsOf) -> Done:
    """Ends this session, and what was issued for it; one of Supabase Auth is ended there."""
    await parts.identities.sessions.end(principal)
    return Done(message="You are signed out." if principal.session_id else THEIRS)


@router.post(
    "/logout/everywhere",
    summary="Sign out everywhere",
    operation_id="logout_everywhere",
    responses=errors(401, 403, 429, 503),
)
async def logout_everywhere(principal: Owner, parts: PartsOf) -> Done:
    """Ends every session of the account; those of Supabase Auth are ended there."""
    await parts.identities.sessions.end_everywhere(principal)
    return Done(message="You are signed out everywhere." if principal.session_id else THEIRS)


@router.get("/me", summary="Who is asking", operation_id="get_me", responses=errors(401, 403, 429, 503))
async def get_me(principal: Owner, parts: PartsOf) -> Me:
    """The account, its organizations, and what it may do in the present one."""
    return await me(parts.database, principal)


@router.post(
    "/password",
    summary="Change the password",
    operation_id="change_password",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 403, 413, 422, 429, 503),
)
async def change_password(body: PasswordChange, principal: Owner, parts: PartsOf) -> Done:
    """Every other session ends."""
    await parts.identities.passwords.change(
        principal, body.current_password.get_secret_value(), body.new_password.get_secret_value()
    )
    return Done(message="The password is changed; other sessions have ended.")


@router.post(
    "/password/forgot",
    summary="Ask for a new password",
    operation_id="forgot_password",
    dependencies=[COUNTED_AUTHENTICATION],
    status_code=202,
    responses=errors(413, 422, 429, 503),
)
@public
async def forgot_password(body: ResetRequest, parts: PartsOf) -> Done:
    """Writes to the address if it has an account; the answer does not say."""
    await parts.identities.passwords.ask(body.email)
    return Done(message="If this address has an account, a mail is on its way.")


@router.post(
    "/password/reset",
    summary="Set a new password",
    operation_id="reset_password",
    dependencies=[COUNTED_AUTHENTICATION],
    responses=errors(401, 413, 422, 429, 503),
)
@public
async def reset_password(body: PasswordReset, request: Request, response: Response, parts: PartsOf) -> Done:
    """By the token of a mailed link, good once; every session ends, and this browser is known from now on."""
    email = await parts.identities.passwords.reset(body.token, body.password.get_secret_value())
    _remember_device(request, response, parts, email)
    return Done(message="The password is set; you can sign in now.")


def _login_answer(opened: SignedIn) -> LoginAnswer:
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


def _remember_device(request: Request, response: Response, parts: PartsOf, email: str) -> None:
    response.set_cookie(
        DEVICE_COOKIE,
        parts.identities.accounts.device_token(email),
        max_age=int(DEVICE_LIFETIME.total_seconds()),
        path="/api/v1/auth",
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="strict",
    )
