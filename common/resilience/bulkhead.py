"""A bulkhead: one slow target does not take every worker of its caller."""

from common.resilience.settings import Settings


class Bulkhead:
    """At most ``max_in_flight`` calls, of which the less valuable use a part."""

    def __init__(self, settings: Settings) -> None:
        self.in_flight = 0
        self.change(settings)

    def change(self, settings: Settings) -> None:
        self.most = {
            value: max(1, int(settings.max_in_flight * share))
            for value, share in settings.by_value("slots").items()
        }

    def admits(self, value: str) -> bool:
        return self.in_flight < self.most[value]

    def enter(self) -> None:
        self.in_flight += 1

    def leave(self) -> None:
        self.in_flight -= 1
