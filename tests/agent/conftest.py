"""What the agent's tests share."""

import pytest

from core.database import Claims


@pytest.fixture
def claims() -> Claims:
    """An organization of no row: checkpoints need only its name."""
    return Claims.for_organization("org_agent_tests")
