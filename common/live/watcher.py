"""One question to Consul, always open: what is new under ``shopnow/``?"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import eventlet
from nameko import config
from nameko.extensions import SharedExtension

from common import json
from common.discovery import client
from common.internal import PAGES, Page
from common.live.keys import FOLDER, FOLDERS, check, found_in, key_of, value_in

log = logging.getLogger(__name__)

# For so long Consul keeps a question for which there is no news.
WAIT = "10s"
# It answers up to a sixteenth later; whoever takes longer has forgotten us.
MOST_SECONDS = 15.0
PAUSE_SECONDS = 1.0

Change = Callable[[str, Any], None]


class Watcher(SharedExtension):
    """Tells those who follow of each key that comes, changes or goes.

    While Consul is away, what was heard last holds.
    """

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, str] = {}
        self.refused: dict[str, str] = {}
        self.followers: list[tuple[str, Change]] = []
        self.is_current: bool | None = None

    def setup(self) -> None:
        self.consul = client()
        PAGES["/config"] = self.page

    def start(self) -> None:
        self.container.spawn_managed_thread(self.run)

    def follow(self, folder: str, change: Change) -> None:
        """Tell ``change`` of the keys in ``folder``, or of the one with that name.

        It is given the key's name within the folder and its value, None for a key
        that is gone, and raises ``ValueError`` for what it does not take over.
        """
        if folder not in FOLDERS:
            key_of(folder)
        self.followers.append((folder, change))

    def run(self) -> None:
        index = 0
        while True:
            try:
                with eventlet.Timeout(MOST_SECONDS):
                    newer, found = self.hear(index)
                # Whoever follows may have to wait, for the shop to open first.
                self.compare(found)
                index, self.is_current = newer, True
            except (Exception, eventlet.Timeout) as trouble:
                if self.is_current is not False:
                    log.warning("no news of %s: %s", FOLDER, type(trouble).__name__)
                index, self.is_current = 0, False
                eventlet.sleep(PAUSE_SECONDS)

    def hear(self, index: int) -> tuple[int, dict[str, str]]:
        """Wait until something is newer than ``index``; the index of that, and all."""
        kv = self.consul.kv
        newer, entries = kv.get(FOLDER, recurse=True, index=index, wait=WAIT)
        # With an index of 0 Consul would not wait.
        return max(1, int(newer)), found_in(entries or [])

    def compare(self, found: dict[str, str]) -> None:
        for name in sorted(self.known.keys() | found.keys()):
            text = found.get(name)
            if self.known.get(name) != text:
                self.tell(name, text)
            if text is None:
                del self.known[name]
            else:
                self.known[name] = text

    def tell(self, name: str, text: str | None) -> None:
        self.refused.pop(name, None)
        try:
            is_ours = self.take_over(name, text)
        except Exception as wrong:
            self.refused[name] = why = reason(wrong)
            log.warning("%s%s is not taken over: %s", FOLDER, name, why)
        else:
            if is_ours:
                log.info("%s%s is %s", FOLDER, name, text or "as configured")

    def take_over(self, name: str, text: str | None) -> bool:
        """Whether somebody here follows it."""
        value = None
        if text is not None:
            value = value_in(text)
            check(name, value, config.get("ENVIRONMENT", "production"))
        mine = [each for each in self.followers if covers(each[0], name)]
        for folder, change in mine:
            change(name.removeprefix(folder), value)
        return bool(mine)

    def page(self) -> Page:
        """What this process knows of the settings, and what it did not take over."""
        told = {"settings": self.known, "refused": self.refused}
        body = json.dumps({**told, "is_current": bool(self.is_current)})
        return Page(body, "application/json", HTTPStatus.OK)


def covers(folder: str, name: str) -> bool:
    return name.startswith(folder) if folder.endswith("/") else name == folder


def reason(wrong: Exception) -> str:
    return str(wrong) if isinstance(wrong, ValueError) else type(wrong).__name__
