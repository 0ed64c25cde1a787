"""Every route of the application, in the order in which the document shows them."""

from fastapi import FastAPI

from api.analytics.routes import router as analytics
from api.api_keys.routes import router as api_keys
from api.audit.routes import router as audit
from api.auth.routes import router as auth
from api.campaigns.routes import router as campaigns
from api.chat.ai_sdk_routes import router as ai_sdk
from api.chat.routes import router as chat
from api.conversations.routes import router as conversations
from api.counting import COUNTED
from api.documents.routes import router as documents
from api.embedding.routes import router as embedding
from api.gdpr.lead_routes import router as lead_privacy
from api.gdpr.routes import router as gdpr
from api.health.routes import router as health
from api.invitations.routes import router as invitations
from api.knowledge.routes import router as knowledge
from api.mfa.routes import router as mfa
from api.operations.routes import router as operations
from api.pages.routes import router as pages
from api.payments.pages import router as payment_pages
from api.payments.routes import router as payments
from api.playbooks.routes import router as playbooks
from api.schemas import errors
from api.subscription.routes import router as subscription
from api.tenants.routes import router as tenants
from api.users.routes import router as users
from api.vault.routes import router as vault

ROUTERS = (
    chat,
    ai_sdk,
    campaigns,
    embedding,
    documents,
    knowledge,
    conversations,
    playbooks,
    analytics,
    payments,
    subscription,
    auth,
    mfa,
    users,
    invitations,
    tenants,
    api_keys,
    vault,
    audit,
    gdpr,
    lead_privacy,
    health,
    operations,
    pages,
    payment_pages,
)


COUNT_FOR_THEMSELVES = (chat, ai_sdk, health, operations, pages, payment_pages)
"""Chat counts each message together with its handle; what orchestrators and browsers fetch is not counted."""


def include_routers(app: FastAPI) -> None:
    """Add every route; those that do not count for themselves are counted by address."""
    for router in ROUTERS:
        if router in COUNT_FOR_THEMSELVES:
            app.include_router(router)
        else:
            app.include_router(router, dependencies=[COUNTED], responses=errors(429, 503))
