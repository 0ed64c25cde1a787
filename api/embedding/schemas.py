"""What the widget asks before it shows itself."""

from pydantic import BaseModel, Field


class WidgetSettings(BaseModel):
    """How a campaign's chat appears on a website."""

    agent_name: str = Field(examples=["Mia"])
    open: bool
    """Whether a conversation can begin; one that began goes on."""
    language: str = Field(examples=["en"])
    title: str = Field(examples=["Chat with Mia"])
    """The label of the button that opens it."""
    close: str = Field(examples=["Close"])
    """The label of the button that closes it."""
