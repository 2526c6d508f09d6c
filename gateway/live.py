"""What an operator changes at the door while we run."""

from collections.abc import Callable
from typing import Any

from nameko.extensions import DependencyProvider

from common.live import Watcher
from gateway.door import Door
from gateway.server import Gate

Change = Callable[[Door, str, Any], None]


class LiveDoor(DependencyProvider):
    watcher = Watcher()
    # The same gate that the routes have: Nameko shares it within a process.
    server = Gate()

    def setup(self) -> None:
        self.follow("rate-limits/", Door.change_limit)
        self.follow("features/", Door.change_switch)
        self.follow("maintenance", change_maintenance)
        self.follow("chaos/cache", change_cache)
        for name in ("read", "write", "routes"):
            self.follow(f"deadlines/{name}", change_deadline(name))

    def follow(self, folder: str, change: Change) -> None:
        self.watcher.follow(folder, lambda *told: change(self.door(), *told))

    def door(self) -> Door:
        self.server.opened.wait()
        door: Door = self.server.door
        return door


def change_deadline(name: str) -> Change:
    return lambda door, _, value: door.change_deadline(name, value)


def change_maintenance(door: Door, _: str, value: Any) -> None:
    door.change_switch("maintenance", value)


def change_cache(door: Door, _: str, value: Any) -> None:
    """A fault: without its memory, every read goes to the shop."""
    door.cache.keep_nothing = value is not None
    door.cache.forget_everything()
