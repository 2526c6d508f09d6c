"""What an operator changes while we run: read from Consul's KV as it changes."""

import logging
from typing import Any

import eventlet
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common import json
from common.discovery import client

log = logging.getLogger(__name__)

# For so long Consul keeps a question for which there is no news.
WAIT = "10s"
PAUSE_SECONDS = 1.0


class Live(DependencyProvider):
    """Hears of each key in ``folder`` that comes, changes or goes.

    While Consul is away, what was heard last holds.
    """

    folder: str

    def setup(self) -> None:
        self.known: dict[str, str] = {}
        self.consul = client()

    def start(self) -> None:
        self.container.spawn_managed_thread(self.run)

    def get_dependency(self, worker_ctx: WorkerContext) -> Any:
        return self

    def change(self, name: str, value: Any) -> None:
        """Take over ``value``, None for a key that is gone; raises ``ValueError``."""
        raise NotImplementedError

    def run(self) -> None:
        index = 0
        while True:
            try:
                index = self.hear(index)
            except Exception as trouble:
                if index:
                    log.warning(
                        "no news of %s: %s", self.folder, type(trouble).__name__
                    )
                index = 0
                eventlet.sleep(PAUSE_SECONDS)

    def hear(self, index: int) -> int:
        """Wait until something is newer than ``index``; the index of that."""
        kv = self.consul.kv
        newer, entries = kv.get(self.folder, recurse=True, index=index, wait=WAIT)
        self.compare(found_in(self.folder, entries or []))
        # With an index of 0 Consul would not wait.
        return max(1, int(newer))

    def compare(self, found: dict[str, str]) -> None:
        before, self.known = self.known, found
        for name in sorted(before.keys() | found.keys()):
            if before.get(name) != found.get(name):
                self.tell(name, found.get(name))

    def tell(self, name: str, text: str | None) -> None:
        try:
            self.change(name, None if text is None else json.loads(text))
        except ValueError as wrong:
            log.warning("%s%s is not taken over: %s", self.folder, name, wrong)
        else:
            log.info("%s%s is %s", self.folder, name, text or "as configured")


def found_in(folder: str, entries: list[dict[str, Any]]) -> dict[str, str]:
    """``{name: text}``; a folder is an entry too, and no key."""
    values = {each["Key"].removeprefix(folder): each["Value"] for each in entries}
    return {
        name: (value or b"").decode("utf-8", "replace")
        for name, value in values.items()
        if name
    }
