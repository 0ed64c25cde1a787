"""The organization that a new installation begins with: one owner, one campaign, the default playbook."""

import secrets
from dataclasses import dataclass

import psycopg

from agent.playbook.default import default_playbook
from api.campaigns import repository as campaigns
from api.chat.repository import campaign_by_code
from api.organizations.repository import insert_member, insert_organization
from api.playbooks import repository as playbooks
from core.database import Claims, Database
from core.identifiers import new_id
from core.security.passwords import Passwords

DEMO_CODE = "DEMO"
DEMO_EMAIL = "owner@limitless.example"


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """How its owner signs in; the password is known only when it was just made."""

    email: str
    password: str | None
    made_up: bool


async def ensure_demo(database: Database, email: str | None, password: str | None) -> DemoAccess | None:
    """Make the demo organization unless its campaign exists already; None when it does."""
    if await campaign_by_code(database, DEMO_CODE) is not None:
        return None
    chosen = password or secrets.token_urlsafe(12)
    address = (email or DEMO_EMAIL).strip().lower()
    passwords = Passwords()
    try:
        password_hash = await passwords.hash(chosen)
    finally:
        passwords.close()
    try:
        await _make(database, address, password_hash)
    except psycopg.errors.UniqueViolation:
        # Another process that starts was quicker.
        return None
    return DemoAccess(address, chosen, made_up=password is None)


async def _make(database: Database, email: str, password_hash: str) -> None:
    organization_id = new_id("org")
    async with database.transaction(Claims.for_organization(organization_id)) as connection:
        await insert_organization(connection, organization_id, "Demo")
        owner = await insert_member(
            connection,
            organization_id=organization_id,
            email=email,
            full_name="Demo owner",
            password_hash=password_hash,
            role="admin",
        )
        await playbooks.insert(
            connection,
            organization_id=organization_id,
            campaign_id=None,
            content=default_playbook().model_dump(mode="json"),
            created_by=owner,
        )
        await campaigns.insert(
            connection,
            {
                "id": new_id("camp"),
                "organization_id": organization_id,
                "code": DEMO_CODE,
                "name": "Demo campaign",
                "description": "Try the agent: open the link and talk.",
                "max_uses": None,
                "expires_at": None,
                "ad_campaign_id": None,
            },
        )
