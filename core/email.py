"""E-mail addresses, as accounts are known by them."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_ADDRESS = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+")


def normalised_email(text: str) -> str | None:
    """An address as it is stored, trimmed and in lower case; None for what cannot be one."""
    address = text.strip().lower()
    return address if len(address) <= 254 and _ADDRESS.fullmatch(address) else None


def _required(text: str) -> str:
    address = normalised_email(text)
    if address is None:
        raise ValueError("not an e-mail address")
    return address


Email = Annotated[str, AfterValidator(_required), Field(max_length=320, examples=["user@example.com"])]
"""An address in a body, normalised."""
