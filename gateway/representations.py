"""The forms one answer takes: whole or unchanged, plain or compressed."""

from functools import lru_cache
from http import HTTPStatus

from gateway.compression import GZIP, compress, takes_gzip, worth_it
from gateway.etags import coded, known
from gateway.response import Response

# What a 304 repeats of the answer it stands for (RFC 9110).
REPEATED = ("ETag", "Cache-Control", "Content-Location", "Vary")


def represented(
    response: Response, accept_encoding: str, if_none_match: str
) -> Response:
    """``response`` as this client wants it; ``if_none_match`` is of a read."""
    if worth_it(response.body, response.content_type):
        response = negotiated(response, takes_gzip(accept_encoding))
    tag = response.headers.get("ETag", "")
    unchanged = if_none_match and tag and known(if_none_match, tag)
    if unchanged and response.status == HTTPStatus.OK:
        return unchanged_form(response)
    return response


def negotiated(response: Response, gzip: bool) -> Response:
    headers = response.headers | {"Vary": "Accept-Encoding"}
    body = response.body
    if gzip:
        body = compressed(body)
        headers["Content-Encoding"] = GZIP
        if "ETag" in headers:
            headers["ETag"] = coded(headers["ETag"], GZIP)
    return Response(body, response.status, headers, response.content_type)


@lru_cache(8)
def compressed(body: bytes) -> bytes:
    """The contract is large, and asked for again and again."""
    return compress(body)


def unchanged_form(response: Response) -> Response:
    headers = {
        name: response.headers[name] for name in REPEATED if name in response.headers
    }
    return Response(None, HTTPStatus.NOT_MODIFIED, headers)
