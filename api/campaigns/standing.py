"""Whether a campaign takes new conversations."""

from collections.abc import Mapping
from typing import Any, Literal

from core.clock import utc_now
from core.errors import CampaignExpired, CampaignLimitReached, CampaignNotFound

Standing = Literal["open", "paused", "expired", "used_up"]


def standing(campaign: Mapping[str, Any]) -> Standing:
    """How a campaign's row stands now."""
    if not campaign["is_active"]:
        return "paused"
    if campaign["expires_at"] is not None and campaign["expires_at"] <= utc_now():
        return "expired"
    if campaign["max_uses"] is not None and campaign["uses"] >= campaign["max_uses"]:
        return "used_up"
    return "open"


def refuse_unless_open(campaign: Mapping[str, Any] | None, code: str) -> None:
    """Raise what a lead is told: `CampaignNotFound`, `CampaignExpired` or `CampaignLimitReached`."""
    details = {"campaign_code": code}
    if campaign is None:
        raise CampaignNotFound(f"Campaign code {code} does not exist", details=details)
    found = standing(campaign)
    if found == "paused":
        raise CampaignExpired("This campaign is paused.", details={**details, "reason": "paused"})
    if found == "expired":
        raise CampaignExpired("This campaign has expired.", details={**details, "reason": "expired"})
    if found == "used_up":
        raise CampaignLimitReached("This campaign takes no more conversations.", details=details)
