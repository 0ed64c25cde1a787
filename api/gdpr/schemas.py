"""What the routes of data protection take and give."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, model_validator

from api.chat.schemas import Handle, ThreadId
from api.schemas import Body, Timestamp

Kind = Literal["export", "delete"]


class Subject(Body):
    """Whose data: nobody named means one's own. For a lead, an admin names a conversation or a handle."""

    user_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None
    conversation_id: ThreadId | None = None
    handle: Handle | None = None

    @model_validator(mode="after")
    def _one_at_most(self) -> "Subject":
        if sum(one is not None for one in (self.user_id, self.conversation_id, self.handle)) > 1:
            raise ValueError("name one of user_id, conversation_id and handle")
        return self


class PrivacyRequest(BaseModel):
    """A request and how far it is."""

    id: str
    kind: Kind
    subject: Literal["user", "lead"]
    subject_ids: list[str]
    status: Literal["queued", "done", "failed"]
    created_at: Timestamp
    completed_at: Timestamp | None
    receipt: dict[str, Any] | None
    """What was found, or what went and what stayed, by kind."""
    download_url: str | None = None
    """For an export that is done; good for an hour, and given anew until `expires_at`."""
    expires_at: Timestamp | None


class ConsentChange(Body):
    """What one agrees to."""

    marketing: bool
    analytics: bool


class ConsentGiven(BaseModel):
    """What was agreed to at some time."""

    marketing: bool
    analytics: bool
    created_at: Timestamp


class Consent(BaseModel):
    """What one agrees to now, and did before, the newest first."""

    marketing: bool = Field(description="Without a word of yours, no")
    analytics: bool
    updated_at: Timestamp | None
    history: list[ConsentGiven]


class LeadThread(Body):
    """The lead's own conversation, and their token where there is no cookie."""

    thread_id: ThreadId
    lead_token: Annotated[str, StringConstraints(max_length=2000)] | None = None


class LeadConsent(LeadThread, ConsentChange):
    """What a lead agrees to."""
