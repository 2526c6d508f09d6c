"""Ready bytes say all that a made answer says."""

import gzip
from functools import partial

import pytest

from common.ids import SHAPE
from gateway.etags import coded, etag
from gateway.headers import dressed
from gateway.ready import Ready, read
from gateway.response import Response

BODY = b'{"items":[' + b'"tea",' * 500 + b'"mug"]}'
TAG = etag(BODY)
LONG = b"text/csv," * 1700
LABEL = ("GET", "/v1/products", "200")


@pytest.fixture
def ready():
    response = Response(
        BODY, 200, {"ETag": TAG, "Cache-Control": "public"}, "application/json"
    )
    return Ready(response, partial(dressed, more={}, vary="Origin"), None, LABEL)


def asked(**headers):
    return read((n.replace("_", "-").encode(), v) for n, v in headers.items())


def answer(ready, method=b"GET", rate="", **headers):
    head, _, body = ready.wire(method, asked(**headers), rate).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    return status, dict(line.split(": ", 1) for line in lines), body


def test_the_whole_answer_is_there(ready):
    status, headers, body = answer(ready, rate='"browse";r=1;t=1')

    assert (status, body) == ("HTTP/1.1 200 OK", BODY)
    assert headers["Content-Length"] == str(len(BODY))
    assert headers["ETag"] == TAG
    assert headers["Vary"] == "Accept-Encoding, Origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["RateLimit"] == '"browse";r=1;t=1'


def test_a_good_request_id_and_trace_come_back(ready):
    trace = f"00-{'1' * 32}-{'2' * 16}-01"

    _, headers, _ = answer(ready, X_Request_Id=b"abc-1", traceparent=trace.encode())

    assert (headers["X-Request-Id"], headers["traceparent"]) == ("abc-1", trace)


@pytest.mark.parametrize("name", [b"", b"a b", b"x" * 129, b"a\xff"])
def test_a_bad_request_id_is_replaced_by_ours(ready, name):
    _, headers, _ = answer(ready, X_Request_Id=name, traceparent=b"no")

    assert SHAPE.fullmatch(headers["X-Request-Id"])
    assert "traceparent" not in headers


def test_head_is_the_same_without_a_body(ready):
    _, headers, body = answer(ready, method=b"HEAD")

    assert (headers["Content-Length"], body) == (str(len(BODY)), b"")


def test_gzip_is_ready_too(ready):
    _, headers, body = answer(ready, accept_encoding=b"gzip, br")

    assert gzip.decompress(body) == BODY
    assert headers["ETag"] == coded(TAG, "gzip")


@pytest.mark.parametrize("tag", [TAG, f'"a", W/{TAG}', "*"])
def test_who_has_it_gets_304(ready, tag):
    status, headers, body = answer(ready, If_None_Match=tag.encode())

    assert (status, headers["ETag"], body) == ("HTTP/1.1 304 Not Modified", TAG, b"")
    assert "Content-Length" not in headers


@pytest.mark.parametrize(
    "headers",
    [
        [(b"Authorization", b"Bearer x")],
        [(b"Origin", b"https://shop.example")],
        [(b"Accept", b"text/csv")],
        [(b"Accept", b"text/csv"), (b"Accept", b"application/json")],
        [(b"X-Request-Id", b"a"), (b"x-request-id", b"b")],
    ],
)
def test_who_asks_for_more_is_answered_with_more_care(headers):
    assert read(headers) is None


@pytest.mark.parametrize(
    "accept", [b"*/*", b"application/json", b"text/html, */*", LONG]
)
def test_who_takes_json_is_answered_at_once(accept):
    assert read([(b"ACCEPT", accept), (b"Cookie", b"x"), (b"Host", b"y")]) is not None
