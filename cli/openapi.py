"""`limitless openapi`: the API's document."""

import sys

import orjson


def openapi() -> None:
    """Print the OpenAPI document as JSON."""
    from api.app import describe

    sys.stdout.buffer.write(orjson.dumps(describe().openapi(), option=orjson.OPT_INDENT_2) + b"\n")
