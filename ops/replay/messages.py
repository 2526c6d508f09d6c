"""What goes to the gateway and what comes back."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

import urllib3

from ops.replay.refusals import Refused

NOBODY = 0
BROKEN = frozenset(
    {
        NOBODY,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def signed(self, token: str) -> "Request":
        signature = {"Authorization": f"Bearer {token}"}
        return replace(self, headers=self.headers | signature)

    def data(self) -> bytes | None:
        """The same body is the same bytes: keys keep the order they were given."""
        if self.body is None:
            return None
        return json.dumps(self.body, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    document: dict[str, Any]

    @classmethod
    def of(cls, response: urllib3.BaseHTTPResponse) -> "Answer":
        return cls(response.status, response.headers, document_of(response.data))

    @property
    def code(self) -> str:
        return str(self.document.get("code", ""))

    @property
    def broken(self) -> bool:
        return self.status in BROKEN

    @property
    def busy(self) -> bool:
        return (
            self.status == HTTPStatus.TOO_MANY_REQUESTS
            or self.code == "request_in_progress"
        )

    def expect(self, *statuses: int) -> "Answer":
        if self.status not in statuses:
            raise self.refusal()
        return self

    def refusal(self) -> Refused:
        detail = str(self.document.get("detail", ""))
        fields = self.document.get("errors") or ""
        return Refused(self.status, self.code, f"{detail} {fields}".strip())

    def field(self, name: str) -> str:
        if not isinstance(value := self.document.get(name), str):
            raise Refused(self.status, "unreadable_answer", f"it has no {name}")
        return value


def document_of(data: bytes) -> dict[str, Any]:
    """A stranger between us and the gateway may answer anything."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
