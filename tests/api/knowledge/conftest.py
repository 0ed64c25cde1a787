"""An organization that knows something."""

import pytest

from ingestion_worker.documents.parser import Parser
from tests.api.conftest import Api, NewOrganization
from tests.api.documents.conftest import Process, parser, process
from tests.api.organization import Organization
from tests.knowledge.library import fill

__all__ = ["Process", "parser", "process"]


@pytest.fixture
async def knowing(api: Api, new_organization: NewOrganization, parser: Parser) -> Organization:
    """One with all of the labelled documents."""
    organization = await new_organization()
    await fill(api.parts.database, api.parts.settings.data_dir / "documents", organization.id, parser)
    return organization
