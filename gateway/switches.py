"""What an operator has closed for a while: features, or the shop."""

from collections.abc import Mapping
from typing import Any

from common.chaos import fault
from gateway.errors import feature_off, maintenance
from gateway.limits import NEVER

READS = ("GET", "HEAD")
RETRY_AFTER_SECONDS = 60


class Switches:
    def __init__(self) -> None:
        self.off: set[str] = set()
        self.refused: str | None = None
        self.wait = RETRY_AFTER_SECONDS

    def change(self, name: str, value: Any) -> None:
        """A feature to a bool, ``maintenance`` to what is refused; None to as usual."""
        if name == "maintenance":
            told = value if isinstance(value, Mapping) else {"refuse": value}
            self.refused = told["refuse"]
            self.wait = told.get("retry_after", RETRY_AFTER_SECONDS)
        elif value is False:
            self.off.add(name)
        else:
            self.off.discard(name)

    def demand_open(self, route: Any) -> None:
        """Raises ``Unavailable`` or ``NotFound`` for a route that is closed.

        Those who watch over us find their pages whatever is closed, or broken on
        purpose.
        """
        if route.limit == NEVER:
            return
        if self.refused == "all" or (self.refused and route.method not in READS):
            raise maintenance(self.wait)
        if route.feature in self.off:
            raise feature_off()
        fault("gateway")
