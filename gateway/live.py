"""The limits of the door, as an operator sets them while we run."""

from typing import Any

from common.live import Live
from gateway.server import Gate


class LiveLimits(Live):
    folder = "shopnow/rate-limits/"
    # The same gate that the routes have: Nameko shares it within a process.
    server = Gate()

    def change(self, name: str, value: Any) -> None:
        self.server.opened.wait()
        self.server.door.change_limit(name, value)
