"""Who a transaction runs for. Row-level security reads it; nothing else decides what is seen."""

from dataclasses import dataclass
from typing import LiteralString, Self

import orjson

from core.origin import ORIGIN


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one transaction, in Supabase's form.

    Without an organization nothing of any tenant is visible; with a thread, of the conversations only
    that one.
    """

    organization_id: str | None = None
    user_id: str | None = None
    thread_id: str | None = None
    maintenance: bool = False

    @classmethod
    def nobody(cls) -> Self:
        """For the few looks that belong to no organization."""
        return cls()

    @classmethod
    def for_organization(cls, organization_id: str, user_id: str | None = None) -> Self:
        """For an owner's request, or a job of the organization."""
        return cls(organization_id=organization_id, user_id=user_id)

    @classmethod
    def for_lead(cls, organization_id: str, thread_id: str) -> Self:
        """For a lead, who has one conversation."""
        return cls(organization_id=organization_id, thread_id=thread_id)

    @classmethod
    def for_maintenance(cls) -> Self:
        """For the jobs and commands that go through every organization; never for a request."""
        return cls(maintenance=True)

    def as_json(self) -> str:
        """The value of ``request.jwt.claims``; where a request came from is in it, for the audit."""
        app = {
            "organization_id": self.organization_id,
            "thread_id": self.thread_id,
            "maintenance": self.maintenance or None,
        }
        return orjson.dumps(
            {
                "sub": self.user_id,
                "role": "authenticated",
                "app_metadata": {k: v for k, v in app.items() if v is not None},
                "origin": ORIGIN.get(),
            }
        ).decode()


STATE_CLAIMS: LiteralString = (
    "select set_config('role', 'limitless_app', true),"
    " set_config('search_path', 'public, checkpoints, jobs, extensions, app', true),"
    " set_config('request.jwt.claims', %s, true)"
)
"""Takes the app's role and states the claims, for the rest of the transaction."""
