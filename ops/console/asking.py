"""Asks Consul, the broker's management and each process's internal port.

Whoever does not answer in time is left out, and named: a page about trouble has to
work in the middle of it.
"""

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import urllib3

from ops.console import names
from ops.console.figures import Reading, read
from ops.http import FIRST_REFUSAL, bare, credentials

SECONDS = 2.0
AT_ONCE = 16
NOT_FOUND = 404
VHOST = "shopnow"
COLUMNS = "name,messages_ready,messages_unacknowledged,consumers,message_stats"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
# Consul's own service has no check of ours.
ITSELF = "consul"
FOLDER = "shopnow/"

Found = TypeVar("Found")


class Away(Exception):
    """Somebody does not answer, or not as expected; says why in a few words."""


class Sources:
    """``environment`` is the operator's: addresses, and what they are opened with."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.uri = environment["CONSUL_URI"]
        token = environment.get("CONSUL_TOKEN")
        self.headers = {"X-Consul-Token": token} if token else {}
        self.management = environment.get("RABBITMQ_MANAGEMENT_URI", "")
        self.http = urllib3.PoolManager(maxsize=AT_ONCE, timeout=SECONDS, retries=False)
        self.pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="asking")

    def close(self) -> None:
        self.pool.shutdown(wait=False, cancel_futures=True)

    def instances(self) -> list[dict[str, Any]]:
        """Everybody who is registered, with the checks: ``Service`` and ``Checks``."""
        names = sorted({*self.consul("catalog/services")} - {ITSELF})
        asked = [self.pool.submit(self.consul, f"health/service/{n}") for n in names]
        return [entry for job in asked for entry in job.result()]

    def settings(self) -> dict[str, str]:
        """What is set under ``shopnow/`` in Consul's KV."""
        pairs = self.consul(f"kv/{FOLDER}?recurse") or []
        return {
            pair["Key"].removeprefix(FOLDER): plain(pair["Value"])
            for pair in pairs
            if not pair["Key"].endswith("/")
        }

    def queues(self) -> list[dict[str, Any]]:
        if not self.management:
            return []
        uri = f"{self.management}/api/queues/{VHOST}?columns={COLUMNS}"
        return listed(self.get(uri, credentials(uri)))

    def readings(self, places: Mapping[str, str]) -> dict[str, Reading]:
        """The figures of those that tell them, by their name in ``places``."""
        return self.each(places, "/metrics", lambda data: read(data, names.ALL))

    def errors(self, places: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
        return self.each(places, "/errors", listed)

    def each(
        self, places: Mapping[str, str], path: str, take: Callable[[bytes], Found]
    ) -> dict[str, Found]:
        def ask(place: str) -> Found:
            return take(self.get(f"http://{place}{path}"))

        asked = {name: self.pool.submit(ask, place) for name, place in places.items()}
        return {
            name: job.result() for name, job in asked.items() if not job.exception()
        }

    def consul(self, path: str) -> Any:
        return parsed(self.get(f"{self.uri}/v1/{path}", self.headers))

    def get(self, uri: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body; nothing when there is no such thing."""
        try:
            answer = self.http.request("GET", bare(uri), headers=headers)
        except urllib3.exceptions.HTTPError as trouble:
            raise Away(why(trouble)) from None
        if answer.status == NOT_FOUND:
            return b""
        if answer.status >= FIRST_REFUSAL:
            raise Away(f"it answers {answer.status}")
        return answer.data


def why(trouble: Exception) -> str:
    late = isinstance(trouble, urllib3.exceptions.TimeoutError)
    return "no answer in time" if late else "nobody is there"


def parsed(data: bytes) -> Any:
    try:
        return json.loads(data) if data else None
    except ValueError:
        raise Away("its answer cannot be read") from None


def listed(data: bytes) -> list[dict[str, Any]]:
    """A list of objects, also when it is the only member of one."""
    found = parsed(data) or []
    if isinstance(found, dict):
        found = next((each for each in found.values() if isinstance(each, list)), [])
    return [each for each in found if isinstance(each, dict)]


def plain(value: str | None) -> str:
    return b64decode(value or "").decode(errors="replace")
