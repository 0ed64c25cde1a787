"""How often something may happen, counted for all processes: in Postgres, or in Redis where that is set."""

from core.limits.base import Limit, Standing, limit
from core.limits.limits import STANDING, Limits

__all__ = ["STANDING", "Limit", "Limits", "Standing", "limit"]
