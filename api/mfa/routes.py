"""`/api/v1/mfa`."""

from fastapi import APIRouter

from api.counting import COUNTED_AUTHENTICATION
from api.dependencies import Owner, PartsOf
from api.mfa.schemas import MfaCode, MfaEnrollment, MfaState
from api.schemas import errors

router = APIRouter(prefix="/api/v1/mfa", tags=["mfa"], dependencies=[COUNTED_AUTHENTICATION])


@router.post(
    "/enable",
    summary="Begin two-factor sign-in",
    operation_id="enable_mfa",
    responses=errors(401, 403, 409, 413, 429, 503),
)
async def enable_mfa(principal: Owner, parts: PartsOf) -> MfaEnrollment:
    """Secret, link, picture and backup codes, shown this once; in force when `verify` gets a code."""
    return await parts.identities.second_factors.enroll(principal)


@router.post(
    "/verify",
    summary="Confirm two-factor sign-in",
    operation_id="verify_mfa",
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def verify_mfa(body: MfaCode, principal: Owner, parts: PartsOf) -> MfaState:
    """From the first right code on, signing in takes two steps."""
    await parts.identities.second_factors.confirm(principal, body.code)
    return MfaState(mfa_enabled=True)


@router.post(
    "/disable",
    summary="End two-factor sign-in",
    operation_id="disable_mfa",
    responses=errors(401, 403, 409, 413, 422, 429, 503),
)
async def disable_mfa(body: MfaCode, principal: Owner, parts: PartsOf) -> MfaState:
    """Takes a code of the app, or a backup code."""
    await parts.identities.second_factors.disable(principal, body.code)
    return MfaState(mfa_enabled=False)
