"""The gateway's door: a request is sent until its answer is final."""

import random
from time import sleep
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, LocationValueError

from ops.replay.messages import NOBODY, Answer, Request
from ops.replay.refusals import Unreachable

TIMEOUT = urllib3.Timeout(connect=5, read=30)
HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}

FIRST_WAIT, LONGEST_WAIT, LONGEST_WAIT_ASKED = 0.4, 6.0, 30.0
TRIES, TRIES_TO_CONNECT, TRIES_WHEN_WEARY = 10, 6, 2


class Shop:
    """Sending twice is safe: each request has a key, or makes a name that is taken."""

    def __init__(self, url: str, connections: int) -> None:
        self.url = url
        self._pool, self._prefix = pool_of(url, connections)
        # Until somebody has answered, and again after patience ran out once,
        # waiting long for each of thousands of requests helps nobody.
        self._weary = True

    def get(self, path: str) -> Answer:
        return self.send(Request("GET", path))

    def post(self, path: str, body: dict[str, Any]) -> Answer:
        return self.send(Request("POST", path, body))

    def send(self, request: Request) -> Answer:
        """The last answer, or Unreachable when there was none."""
        answer, tries = self._once(request), 1
        while (answer.broken or answer.busy) and tries < self._limit(answer):
            sleep(wait_after(answer, tries))
            answer, tries = self._once(request), tries + 1
        self._weary = answer.broken
        if answer.status == NOBODY:
            raise Unreachable(self.url, str(answer.document["detail"]))
        return answer

    def _limit(self, answer: Answer) -> int:
        if self._weary and answer.broken:
            return TRIES_WHEN_WEARY
        return TRIES_TO_CONNECT if answer.status == NOBODY else TRIES

    def _once(self, request: Request) -> Answer:
        try:
            response = self._pool.urlopen(
                request.method,
                self._prefix + request.path,
                request.data(),
                HEADERS | request.headers,
                retries=False,
                timeout=TIMEOUT,
            )
        except HTTPError as exc:
            return Answer(NOBODY, {}, {"detail": str(exc)})
        return Answer.of(response)


def pool_of(url: str, connections: int) -> tuple[urllib3.HTTPConnectionPool, str]:
    """Kept-alive connections, and the path that every other path begins with."""
    try:
        if not url.startswith(("http://", "https://")):
            raise LocationValueError("it does not begin with http:// or https://")
        pool = urllib3.connection_from_url(url, maxsize=connections, block=True)
    except LocationValueError as exc:
        raise Unreachable(url, str(exc)) from None
    return pool, (urllib3.util.parse_url(url).path or "").rstrip("/")


def wait_after(answer: Answer, tries: int) -> float:
    """What the gateway asks for, at least our own growing pause, and some jitter."""
    own = min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)
    asked = answer.headers.get("Retry-After", "")
    seconds = min(float(asked), LONGEST_WAIT_ASKED) if asked.isdecimal() else 0.0
    return max(own, seconds) * random.uniform(1.0, 1.25)  # noqa: S311 no secret
