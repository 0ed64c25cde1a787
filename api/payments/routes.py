"""Stripe's webhook under both of its documented paths, and the mail that follows a payment."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request

from api.dependencies import PartsOf, may, public
from api.payments import repository
from api.payments.schemas import KeptMailTemplate, MailTemplate, Received
from api.payments.webhook import receive
from api.schemas import errors
from core.payments.provider import webhook_secrets
from core.security.principal import Principal

WEBHOOK_BODY_LIMIT = 1024 * 1024
WEBHOOK_PATHS = ("/api/webhooks/stripe", "/api/v1/stripe/webhook")

router = APIRouter(tags=["payments"])
Reader = Annotated[Principal, Depends(may("read:payments"))]
Writer = Annotated[Principal, Depends(may("write:payments"))]
Signature = Annotated[str, Header(alias="Stripe-Signature")]


@router.post(
    WEBHOOK_PATHS[0],
    summary="Receive an event of Stripe's",
    operation_id="receive_stripe_event",
    responses=errors(400, 404, 413, 503),
)
@router.post(
    WEBHOOK_PATHS[1],
    summary="Receive an event of Stripe's (the same webhook)",
    operation_id="receive_stripe_event_v1",
    responses=errors(400, 404, 413, 503),
)
@public
async def receive_stripe_event(
    request: Request, parts: PartsOf, stripe_signature: Signature = ""
) -> Received:
    """The body is read as it came, for its signature; the event is kept once and handled by a job."""
    secrets = webhook_secrets(parts.settings, parts.secret_key)
    await receive(parts.database, secrets, await request.body(), stripe_signature)
    return Received()


@router.get(
    "/api/onboarding-mail",
    summary="Read the mail to people who paid",
    operation_id="get_onboarding_mail",
    responses=errors(401, 403, 503),
)
async def get_onboarding_mail(principal: Reader, parts: PartsOf) -> KeptMailTemplate:
    """The owner's words, if there are any."""
    async with parts.database.transaction(principal.claims) as connection:
        row = await repository.onboarding_mail(connection, principal.organization_id)
    return KeptMailTemplate(**(row or {"subject": None, "body": None, "updated_at": None}))


@router.put(
    "/api/onboarding-mail",
    summary="Write the mail to people who paid",
    operation_id="put_onboarding_mail",
    responses=errors(400, 401, 403, 413, 503),
)
async def put_onboarding_mail(body: MailTemplate, principal: Writer, parts: PartsOf) -> KeptMailTemplate:
    """From the next payment on."""
    async with parts.database.transaction(principal.claims) as connection:
        row = await repository.write_onboarding_mail(
            connection, principal.organization_id, body.subject, body.body
        )
    return KeptMailTemplate(**row)


@router.delete(
    "/api/onboarding-mail",
    summary="Use the standard mail to people who paid",
    operation_id="delete_onboarding_mail",
    status_code=204,
    responses=errors(401, 403, 503),
)
async def delete_onboarding_mail(principal: Writer, parts: PartsOf) -> None:
    """Back to our own words, in the lead's language."""
    async with parts.database.transaction(principal.claims) as connection:
        await repository.forget_onboarding_mail(connection, principal.organization_id)
