"""Postgres: who asks (`Claims`), how to reach it (`Database`), and the embedded one."""

from core.database.claims import Claims
from core.database.pool import Database

__all__ = ["Claims", "Database"]
