"""From an owner's document to a playbook, or to a list of what is wrong with it and where."""

from collections.abc import Sequence

from pydantic import ValidationError

from agent.playbook.schema import Playbook
from core.errors import InvalidInput


def validate(document: object) -> Playbook:
    """The playbook that ``document`` (decoded JSON) describes.

    Raises `InvalidInput` with ``details["errors"]``, a list of ``{"path": "offers[1].price",
    "message": ...}``, one for each fault.
    """
    try:
        return Playbook.model_validate(document)
    except ValidationError as error:
        errors = [{"path": path(e["loc"]), "message": _plain(e["msg"])} for e in error.errors()]
    faults = "one fault" if len(errors) == 1 else f"{len(errors)} faults"
    raise InvalidInput(
        f"The playbook has {faults}, the first at {errors[0]['path'] or 'its root'}: {errors[0]['message']}",
        details={"errors": errors},
    )


def path(location: Sequence[str | int]) -> str:
    """``("offers", 1, "price")`` as ``offers[1].price``."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return "".join(steps).removeprefix(".")


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
