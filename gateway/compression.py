"""gzip for what is worth it, to those who take it."""

import gzip
from functools import lru_cache

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

GZIP = "gzip"
LEVEL = 5
SMALLEST = 1024
LONGEST_HEADER = 256


def worth_it(body: bytes, content_type: str | None) -> bool:
    media_type = (content_type or "").partition(";")[0]
    return len(body) >= SMALLEST and media_type.endswith(("/json", "+json"))


def takes_gzip(accept_encoding: str) -> bool:
    """Whether ``Accept-Encoding`` names gzip, or all, and does not refuse it."""
    return len(accept_encoding) <= LONGEST_HEADER and _takes_gzip(accept_encoding)


@lru_cache(512)
def _takes_gzip(accept_encoding: str) -> bool:
    return parse_accept_header(accept_encoding, Accept)[GZIP] > 0


def compress(body: bytes) -> bytes:
    """The same bytes for the same body, whenever it is done."""
    return gzip.compress(body, LEVEL, mtime=0)
