"""A playbook and which version of it that is."""

from pydantic import BaseModel

from agent.playbook.schema import Playbook
from api.schemas import Timestamp


class PlaybookVersion(BaseModel):
    """One version."""

    id: str
    version: int
    campaign_id: str | None
    """Set when this version is one campaign's own."""
    created_at: Timestamp
    playbook: Playbook
