"""Chromium without a window, spoken to by its debugging protocol over two pipes.

`python -m tests.browser` installs it where it is missing.
"""

import json
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import F_DUPFD_CLOEXEC, fcntl
from pathlib import Path
from typing import Any

from ops.stack import debian

PROGRAM = shutil.which("chromium") or shutil.which("google-chrome")
# It ends whatever happens to the tests.
LONGEST_SECONDS = "120"
FIRST_FREE = 10
WORDS = (
    "--headless",
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--remote-debugging-pipe",
)


class Browser:
    """One page.  ``events`` are those it told of while it was asked for something."""

    def __init__(self, to: int, back: int) -> None:
        self.to, self.back = to, back
        self.parts, self.heard = b"", deque[bytes]()
        self.events: list[dict[str, Any]] = []
        self.number, self.session = 0, ""
        target = self.ask("Target.createTarget", url="about:blank")
        self.session = self.ask("Target.attachToTarget", **target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params: Any) -> Any:
        self.number += 1
        order = {"id": self.number, "method": method, "params": params}
        order |= {"sessionId": self.session} if self.session else {}
        os.write(self.to, json.dumps(order).encode() + b"\0")
        while (told := self.hear()).get("id") != self.number:
            self.events.append(told)
        assert "result" in told, told
        return told["result"]

    def hear(self) -> dict[str, Any]:
        while not self.heard:
            read = os.read(self.back, 65_536)
            assert read, "the browser has ended"
            *whole, self.parts = (self.parts + read).split(b"\0")
            self.heard.extend(whole)
        told: dict[str, Any] = json.loads(self.heard.popleft())
        return told

    def open(self, url: str, width: int = 1280, dark: bool = False) -> None:
        """Returns when the page and all that belongs to it are there."""
        self.events.clear()
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "height": 800, "deviceScaleFactor": 1}
        self.ask("Emulation.setDeviceMetricsOverride", **size, mobile=width < 600)
        self.ask("Page.navigate", url=url)
        self.until("Page.loadEventFired")

    def until(self, method: str) -> list[dict[str, Any]]:
        """What it has told of by this name, which it may yet have to."""
        while not (told := self.told(method)):
            self.events.append(self.hear())
        return told

    def told(self, method: str) -> list[dict[str, Any]]:
        return [e["params"] for e in self.events if e.get("method") == method]

    def value(self, expression: str) -> Any:
        asked = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return asked["result"]["value"]


def pipe() -> list[int]:
    """Its two ends, neither of them one of the two that the browser looks for."""
    ends = os.pipe()
    moved = [fcntl(end, F_DUPFD_CLOEXEC, FIRST_FREE) for end in ends]
    for end in ends:
        os.close(end)
    return moved


@contextmanager
def browsing(place: Path) -> Iterator[Browser]:
    """A browser that keeps what it has to under ``place``."""
    theirs, to = pipe()
    back, ours = pipe()
    words = [PROGRAM, *WORDS, f"--user-data-dir={place}"]
    # It reads from 3 and writes to 4.
    shell = f'exec "$@" 3<&{theirs} 4>&{ours}'
    process = subprocess.Popen(
        ["timeout", LONGEST_SECONDS, "bash", "-c", shell, "bash", *words],  # noqa: S607
        pass_fds=(theirs, ours),
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs)
    os.close(ours)
    try:
        yield Browser(to, back)
    finally:
        process.terminate()
        process.wait()
        os.close(to)
        os.close(back)


if __name__ == "__main__" and PROGRAM is None:
    debian.install(["chromium"])
