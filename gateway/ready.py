"""An answer as bytes: all but what only the moment can tell is written already.

This is the way most readers take, so it does nothing twice: no request is
made, no route is looked up, no worker runs.
"""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from common.ids import new_id
from gateway.compression import GZIP, takes_gzip
from gateway.etags import known
from gateway.headers import http_date
from gateway.limits import Limit
from gateway.metrics import Label
from gateway.representations import represented
from gateway.request import LONGEST_ACCEPT, REQUEST_ID, TRACEPARENT
from gateway.response import Response

REQUEST_ID_BYTES = re.compile(REQUEST_ID.pattern.encode())
TRACEPARENT_BYTES = re.compile(TRACEPARENT.pattern.encode())
# Whoever sends these is answered with more care, and more slowly.
SPECIAL = frozenset({b"authorization", b"origin", b"expect"})
READ = frozenset(
    {
        b"accept",
        b"accept-encoding",
        b"if-none-match",
        b"traceparent",
        b"x-forwarded-for",
        b"x-request-id",
    }
)
# Beside the body there are heads, tags and the books about them.
OVERHEAD_BYTES = 4096
NOTHING = b""


def read(headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes] | None:
    """What an answer depends on; None where it depends on more than we know here."""
    found: dict[bytes, bytes] = {}
    for raw, value in headers:
        name = raw.lower()
        if name in READ:
            if name in found:
                return None
            found[name] = value.strip()
        elif name in SPECIAL:
            return None
    return found if takes_json(found.get(b"accept", NOTHING)) else None


def takes_json(accept: bytes) -> bool:
    return len(accept) > LONGEST_ACCEPT or _takes_json(accept)


@lru_cache(512)
def _takes_json(accept: bytes) -> bool:
    wanted = parse_accept_header(accept.decode("latin-1"), MIMEAccept)
    return not accept or wanted.best_match(("application/json",)) is not None


Dress = Callable[[Response], Response]


@dataclass(frozen=True, slots=True)
class Form:
    """One form on the wire; both heads lack the headers of the moment."""

    tag: bytes
    head: bytes
    unchanged: bytes
    body: bytes

    @classmethod
    def of(cls, response: Response, accept_encoding: str, dress: Dress) -> "Form":
        whole = represented(response, accept_encoding, "")
        unchanged = represented(response, accept_encoding, "*")
        return cls(
            tag=whole.headers["ETag"].encode(),
            head=open_head(dress(whole)),
            unchanged=open_head(dress(unchanged)),
            body=whole.body,
        )

    def wire(self, method: bytes, if_none_match: bytes, moment: bytes) -> bytes:
        if if_none_match and self.is_known(if_none_match):
            return self.unchanged + moment
        return self.head + moment + (self.body if method == b"GET" else NOTHING)

    def is_known(self, if_none_match: bytes) -> bool:
        same = if_none_match == self.tag
        return same or known(if_none_match.decode("latin-1"), self.tag.decode())


def open_head(response: Response) -> bytes:
    """A head to which headers can be added: its last line break is left out."""
    return response.encode(head=True)[:-2]


class Ready:
    """``dress`` adds all headers but those of the moment."""

    def __init__(
        self, response: Response, dress: Dress, limit: Limit | None, label: Label
    ) -> None:
        self.response, self.dress = response, dress
        self.limit, self.label = limit, label
        self._forms: dict[bool, Form] = {}

    @property
    def size(self) -> int:
        return 2 * len(self.response.body) + OVERHEAD_BYTES

    def wire(self, method: bytes, asked: dict[bytes, bytes], rate: str) -> bytes:
        gzip = takes_gzip_bytes(asked.get(b"accept-encoding", NOTHING))
        form = self._forms.get(gzip) or self._form(gzip)
        if_none_match = asked.get(b"if-none-match", NOTHING)
        return form.wire(method, if_none_match, moment(asked, rate))

    def _form(self, gzip: bool) -> Form:
        coding = GZIP if gzip else ""
        form = self._forms[gzip] = Form.of(self.response, coding, self.dress)
        return form


@lru_cache(512)
def takes_gzip_bytes(accept_encoding: bytes) -> bool:
    return takes_gzip(accept_encoding.decode("latin-1"))


def moment(asked: dict[bytes, bytes], rate: str) -> bytes:
    """The end of a head: whose request this was, and how many are left to them."""
    name = asked.get(b"x-request-id", NOTHING)
    if not REQUEST_ID_BYTES.fullmatch(name):
        name = new_id().encode()
    trace = asked.get(b"traceparent", NOTHING)
    if trace and TRACEPARENT_BYTES.fullmatch(trace):
        name += b"\r\ntraceparent: " + trace
    limit = f"RateLimit: {rate}\r\n".encode() if rate else NOTHING
    date = http_date(int(time.time())).encode()
    return b"Date: " + date + b"\r\nX-Request-Id: " + name + b"\r\n" + limit + b"\r\n"
