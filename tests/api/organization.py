"""What a test knows of an organization that it made."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organization:
    """One organization, its member's token and its campaign."""

    id: str
    user_id: str
    email: str
    campaign_id: str
    code: str
    token: str

    @property
    def bearer(self) -> dict[str, str]:
        """The headers of its member."""
        return {"Authorization": f"Bearer {self.token}"}
