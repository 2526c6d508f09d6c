"""Calls to others, bounded: breaker, bulkhead, retry budget and load shedding."""

from common.resilience.bulkhead import Bulkhead
from common.resilience.guard import Guard, Permit
from common.resilience.guards import guard_of
from common.resilience.settings import Settings

__all__ = ["Bulkhead", "Guard", "Permit", "Settings", "guard_of"]
