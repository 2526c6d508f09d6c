"""A request, as far as the routes care: who, what, under which key."""

import hmac
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from common import json
from common.ids import new_id
from common.tokens import Caller, token_required
from common.tracing import NOTHING, Span
from gateway import errors

LARGEST_BODY = 1024 * 1024
MOST_PARAMETERS = 100
# A longer one takes milliseconds to read, and is taken for */*.
LONGEST_ACCEPT = 256
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
JSON_TYPES = ("application/json", "application/merge-patch+json")
# What follows is for one person to know, so no log may have it.
SECRET_PATH = re.compile(r"(?<=/v1/auth/password-resets/).+", re.DOTALL)


class Request:
    """``target`` is the URL as sent; names of ``headers`` are in lower case."""

    __slots__ = (
        "body",
        "client",
        "headers",
        "keep_alive",
        "method",
        "outcome",
        "path",
        "path_values",
        "peer",
        "query_string",
        "request_id",
        "span",
        "target",
        "traceparent",
        "trouble",
        "visitor",
    )

    def __init__(
        self,
        method: str,
        target: bytes,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        *,
        peer: str = "",
        keep_alive: bool = True,
    ) -> None:
        self.method, self.target, self.body = method, target, body
        self.headers = headers or {}
        self.peer, self.keep_alive = peer, keep_alive
        # Whose request it is, as the door makes it out.
        self.client = peer
        self.path, self.query_string = parts(target)
        self.request_id = self.given("x-request-id", REQUEST_ID) or new_id()
        self.traceparent = self.given("traceparent", TRACEPARENT)
        # Begun by the door.
        self.span: Span = NOTHING
        self.path_values: dict[str, str] = {}
        self.visitor: Caller | None = None
        # How it ended, for the log: the code of a refusal, and what nobody foresaw.
        self.outcome: str | None = None
        self.trouble: BaseException | None = None

    @property
    def shown_path(self) -> str:
        """The path, as anybody may read it."""
        return SECRET_PATH.sub("***", self.path)

    def given(self, name: str, shape: re.Pattern[str]) -> str | None:
        """The header ``name``, if it has this shape."""
        value = self.headers.get(name, "")
        return value if shape.fullmatch(value) else None

    def must_accept(self, *offered: str) -> None:
        header = self.headers.get("accept", "")
        if not header or len(header) > LONGEST_ACCEPT:
            return
        wanted = parse_accept_header(header, MIMEAccept)
        if wanted and not wanted.best_match(offered):
            raise errors.not_acceptable()

    @property
    def mimetype(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def caller(self) -> Caller:
        """Who is asking, on a route that is for the signed in."""
        if self.visitor is None:
            raise token_required()
        return self.visitor

    @property
    def document(self) -> Any:
        """The body as JSON; whether it makes sense is for its owner to say."""
        if self.mimetype not in JSON_TYPES:
            raise errors.unsupported_media_type()
        try:
            return json.loads(self.body)
        except ValueError:
            raise errors.malformed_json() from None

    @property
    def query(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name, value in pairs(self.query_string):
            if name in found:
                raise errors.repeated_parameter(name)
            found[name] = value
        return found

    @property
    def idempotency_key(self) -> str:
        key = self.given("idempotency-key", VISIBLE)
        if key is None:
            raise errors.idempotency_key_required()
        return key

    @property
    def optional_key(self) -> dict[str, str]:
        """``key`` and ``fingerprint`` of a request that came with a key."""
        if "idempotency-key" not in self.headers:
            return {}
        return {"key": self.idempotency_key, "fingerprint": self.fingerprint}

    @property
    def fingerprint(self) -> str:
        """The same for the same request, however its JSON is written.

        The key is secret to the client, so that nobody who reads a stored
        fingerprint can guess at the body, which may hold a password.
        """
        canonical = json.dumps(sort(self.document))
        said = f"{self.method}|{self.path}|".encode() + canonical
        return hmac.digest(self.idempotency_key.encode(), said, "sha256").hex()


def parts(target: bytes) -> tuple[str, str]:
    """Path and query of a URL; raises ``malformed_request`` where it is not UTF-8."""
    path, _, query = target.partition(b"?")
    try:
        return unquote_to_bytes(path).decode(), query.decode("ascii")
    except UnicodeDecodeError:
        raise errors.malformed_request() from None


def pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            query,
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise errors.malformed_request() from None


def by_name(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers as they came, by name in lower case, repeated ones joined.

    A name with ``_`` is dropped: elsewhere it might pass for the one with ``-``.
    """
    found: dict[str, str] = {}
    for raw, value in headers:
        name, text = raw.decode("ascii").lower(), value.decode("latin-1").strip()
        if "_" not in name:
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def sort(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sort(value[key]) for key in sorted(value)}
    return [sort(item) for item in value] if isinstance(value, list) else value
