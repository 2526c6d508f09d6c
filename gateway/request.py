"""A request, as far as the routes care: who, what, under which key."""

import re
from hashlib import sha256
from typing import Any

from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.wrappers import Request as WerkzeugRequest

from common import json
from common.ids import new_id
from common.tokens import Caller
from gateway import errors

LARGEST_BODY = 1024 * 1024
REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
JSON_TYPES = ("application/json", "application/merge-patch+json")


class Request(WerkzeugRequest):
    # One more than we take: werkzeug cuts a chunked body off there in silence.
    max_content_length = LARGEST_BODY + 1

    visitor: Caller | None = None
    path_values: dict[str, str]

    def __init__(self, environ: dict[str, Any]) -> None:
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            environ["wsgi.input_terminated"] = True
        super().__init__(environ)
        self.request_id = accepted(self, "X-Request-Id", REQUEST_ID) or new_id()
        self.traceparent = accepted(self, "traceparent", TRACEPARENT)

    def read_body(self) -> None:
        """Take the whole body off the connection, or refuse it."""
        try:
            size = len(self.get_data())
        except RequestEntityTooLarge:
            size = LARGEST_BODY + 1
        except (ClientDisconnected, OSError, ValueError):
            raise errors.malformed_body() from None
        if size > LARGEST_BODY:
            raise errors.content_too_large(LARGEST_BODY)

    def must_accept(self, *offered: str) -> None:
        wanted = self.accept_mimetypes
        if wanted and not wanted.best_match(offered):
            raise errors.not_acceptable()

    @property
    def caller(self) -> Caller:
        """Who is asking, on a route that is for the signed in."""
        if self.visitor is None:
            raise errors.token_required()
        return self.visitor

    @property
    def document(self) -> Any:
        """The body as JSON; whether it makes sense is for its owner to say."""
        if self.mimetype not in JSON_TYPES:
            raise errors.unsupported_media_type()
        try:
            return json.loads(self.get_data())
        except ValueError:
            raise errors.malformed_json() from None

    @property
    def query(self) -> dict[str, str]:
        for name, values in self.args.lists():
            if len(values) > 1:
                raise errors.repeated_parameter(name)
        return self.args.to_dict()

    @property
    def idempotency_key(self) -> str:
        key = accepted(self, "Idempotency-Key", VISIBLE)
        if key is None:
            raise errors.idempotency_key_required()
        return key

    @property
    def optional_key(self) -> dict[str, str]:
        """``key`` and ``fingerprint`` of a request that came with a key."""
        if "Idempotency-Key" not in self.headers:
            return {}
        return {"key": self.idempotency_key, "fingerprint": self.fingerprint}

    @property
    def fingerprint(self) -> str:
        """The same for the same request, however its JSON is written."""
        canonical = json.dumps(sort(self.document))
        return sha256(f"{self.method}|{self.path}|".encode() + canonical).hexdigest()


def accepted(request: WerkzeugRequest, name: str, shape: re.Pattern) -> str | None:
    value = request.headers.get(name, "")
    return value if shape.fullmatch(value) else None


def sort(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sort(value[key]) for key in sorted(value)}
    return [sort(item) for item in value] if isinstance(value, list) else value
