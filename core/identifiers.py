"""Ids: a type's prefix, an underscore, and a sortable random part (TypeID over UUIDv7)."""

from typeid import TypeID


def new_id(prefix: str) -> str:
    """A fresh id such as ``camp_01jz…``: unique, sortable by the time it was made."""
    return str(TypeID(prefix=prefix))
