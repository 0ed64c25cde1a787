"""Pages by number, as Stratum shows them."""

from typing import Annotated, Generic, Self, TypeVar

from fastapi import Query
from pydantic import BaseModel

Item = TypeVar("Item")
PageNumber = Annotated[int, Query(ge=1, le=100_000, description="Page number")]
PageLimit = Annotated[int, Query(ge=1, le=200, description="Items per page")]


class Page(BaseModel, Generic[Item]):
    """One page, and where it lies."""

    items: list[Item]
    total: int
    page: int
    limit: int
    pages: int
    has_next: bool
    has_prev: bool

    @classmethod
    def of(cls, items: list[Item], total: int, page: int, limit: int) -> Self:
        """``items`` are those of ``page``, of ``total`` in all."""
        pages = -(-total // limit)
        return cls(
            items=items,
            total=total,
            page=page,
            limit=limit,
            pages=pages,
            has_next=page < pages,
            has_prev=1 < page <= pages + 1,
        )
