"""The application that the tests of the API use, here to be hurt."""

from tests.api.conftest import api, new_organization, organization, serve_api

__all__ = ["api", "new_organization", "organization", "serve_api"]
