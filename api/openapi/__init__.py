"""The API's document: what FastAPI derives, with examples and with the errors that are really sent."""

from typing import Any

from fastapi import FastAPI

from api.openapi.completing import complete


class DocumentedApi(FastAPI):
    """An application whose document is complete."""

    def openapi(self) -> dict[str, Any]:
        """The document, as OpenAPI 3.1; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi())
        return self.openapi_schema
