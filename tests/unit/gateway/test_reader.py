"""Requests are read in one way only, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bounds import BODY, HEAD, IDLE, Bounds
from gateway.reader import Reader

BOUNDS = Bounds(target_bytes=100, header_bytes=400, header_fields=10, body_bytes=1000)
HOST = b"Host: shop\r\n"
GET = b"GET /a HTTP/1.1\r\n" + HOST + b"\r\n"
POST = b"POST /a HTTP/1.1\r\n" + HOST
UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def read(*parts):
    reader = Reader(BOUNDS)
    for part in parts:
        reader.feed(part)
    return reader


def code(*parts):
    refusal = read(*parts).refusal
    return refusal and refusal.code


def one_by_one(data):
    return [data[at : at + 1] for at in range(len(data))]


def get(*lines, target=b"/a", version=b"HTTP/1.1", host=HOST):
    return b"GET %b %b\r\n" % (target, version) + host + b"".join(lines) + b"\r\n"


AMBIGUOUS = {
    "two lengths": POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "one length twice": POST + b"Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "a list of lengths": POST + b"Content-Length: 1, 1\r\n\r\nx",
    "a length with a sign": POST + b"Content-Length: +1\r\n\r\nx",
    "a length below zero": POST + b"Content-Length: -1\r\n\r\nx",
    "a length in hex": POST + b"Content-Length: 0x1\r\n\r\nx",
    "a length of two numbers": POST + b"Content-Length: 1 1\r\n\r\nx",
    "no length": POST + b"Content-Length:\r\n\r\nx",
    "a length beyond numbers": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n",
    "length, then chunks": (
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "chunks, then length": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"
    ),
    "chunks twice": (POST + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n"),
    "chunks in gzip": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunks not last": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "almost chunked": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "identity": POST + b"Transfer-Encoding: identity\r\n\r\n",
    "chunks with a tab": POST + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "chunks in HTTP/1.0": (
        b"POST /a HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    ),
    "blank before the colon": POST + b"Content-Length : 1\r\n\r\nx",
    "blank in a name": get(b"X y: 1\r\n"),
    "no name": get(b": 1\r\n"),
    "no colon": get(b"X\r\n"),
    "a folded line": get(b"X: a\r\n b\r\n"),
    "a line folded by a tab": get(b"X: a\r\n\tb\r\n"),
    "a fold at the start": b"GET /a HTTP/1.1\r\n Host: shop\r\n\r\n",
    "bare LF": GET.replace(b"\r\n", b"\n"),
    "bare LF after a header": b"GET /a HTTP/1.1\r\nHost: shop\nX: 1\r\n\r\n",
    "bare LF at the end": b"GET /a HTTP/1.1\r\nHost: shop\r\n\n",
    "bare CR": get(b"X: a\rY: b\r\n"),
    "NUL in a header": get(b"X: a\0b\r\n"),
    "NUL in the target": get(target=b"/a\0b"),
    "a control character": get(b"X: \x01\r\n"),
    "a high byte in the target": get(target=b"/\xe9"),
    "no host": get(host=b""),
    "two hosts": get(HOST),
    "two hosts in HTTP/1.0": get(HOST, version=b"HTTP/1.0"),
    "a list of hosts": get(host=b"Host: a, b\r\n"),
    "a host with a path": get(host=b"Host: a/b\r\n"),
    "a host with a user": get(host=b"Host: a@b\r\n"),
    "absolute form": get(target=b"http://other/a"),
    "no slash": get(target=b"a"),
    "a star to GET": get(target=b"*"),
    "a fragment": get(target=b"/a#b"),
    "HTTP/0.9": b"GET /a\r\n\r\n",
    "HTTP/1.2": get(version=b"HTTP/1.2"),
    "HTTP/2.0": get(version=b"HTTP/2.0"),
    "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "CONNECT": b"CONNECT shop:443 HTTP/1.1\r\n" + HOST + b"\r\n",
}


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_can_be_read_in_two_ways_is_refused(name):
    hidden = b"GET /hidden HTTP/1.1\r\nHost: shop\r\n\r\n"

    for parts in ([AMBIGUOUS[name] + hidden], one_by_one(AMBIGUOUS[name])):
        reader = read(*parts)
        assert reader.refusal
        assert reader.refusal.code in ("malformed_request", "malformed_body")
        assert reader.messages == []


@pytest.mark.parametrize(
    "chunks",
    [
        b"-1\r\nx\r\n0\r\n\r\n",
        b"0x1\r\nx\r\n0\r\n\r\n",
        b"zz\r\nx\r\n0\r\n\r\n",
        b"1 \r\nx\r\n0\r\n\r\n",
        b"1\nx\r\n0\r\n\r\n",
        b"1\r\nxy\r\n0\r\n\r\n",
        b"\r\nx\r\n0\r\n\r\n",
        b"fffffffffffffffff\r\nx\r\n0\r\n\r\n",
    ],
)
def test_chunks_that_make_no_sense_are_refused(chunks):
    assert code(CHUNKED + chunks) == "malformed_body"


@pytest.mark.parametrize(
    ("method", "expected"),
    [(b"BREW", "unknown_method"), (b"get", "unknown_method"), (b"TRACE", None)],
)
def test_a_method_nobody_knows_is_refused(method, expected):
    assert code(GET.replace(b"GET", method)) == expected


def test_requests_come_in_their_order():
    reader = read(GET + POST + b"Content-Length: 2\r\n\r\nhi" + CHUNKED + b"0\r\n\r\n")

    assert [(m.method, m.body) for m in reader.messages] == [
        (b"GET", b""),
        (b"POST", b"hi"),
        (b"POST", b""),
    ]
    assert reader.state == IDLE


def test_a_request_may_come_in_any_pieces():
    whole = CHUNKED + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 1\r\n\r\n" + GET
    at_once = read(whole).messages

    assert [m.body for m in at_once] == [b"abcde", b""]
    assert read(*one_by_one(whole)).messages == at_once
    for at in range(len(whole)):
        assert read(whole[:at], whole[at:]).messages == at_once


PIECES = (GET, POST, CHUNKED, HOST, UPGRADE, b"\r\n", b"\n", b" ", b"x", b"\0")
MORE_PIECES = (
    b"CONNECT a:1 HTTP/1.1\r\n",
    b"Content-Length: 3\r\n",
    b"3\r\n",
    b"0\r\n",
)


@given(
    st.lists(
        st.sampled_from(PIECES + MORE_PIECES) | st.binary(max_size=20), max_size=12
    )
)
def test_whatever_comes_is_read_alike_in_all_pieces(pieces):
    whole = b"".join(pieces)

    at_once, split = read(whole), read(*one_by_one(whole))

    assert split.messages == at_once.messages
    assert getattr(split.refusal, "code", 0) == getattr(at_once.refusal, "code", 0)


def test_the_reader_tells_where_it_is():
    assert read(b"").state == IDLE
    assert read(b"\r\n\r\n").state == IDLE
    assert read(b"G").state == HEAD
    assert read(POST).state == HEAD
    assert read(POST + b"Content-Length: 2\r\n\r\nh").state == BODY


def test_names_of_headers_are_in_lower_case():
    assert read(get(b"X-ABC: De\r\n")).messages[0].headers == [
        (b"host", b"shop"),
        (b"x-abc", b"De"),
    ]


def test_trailers_are_dropped():
    trailers = b"X-Role: admin\r\nAuthorization: Bearer x\r\nHost: other\r\n"
    message = read(CHUNKED + b"1\r\nx\r\n0\r\n" + trailers + b"\r\n").messages[0]

    assert [name for name, _ in message.headers] == [b"host", b"transfer-encoding"]


@pytest.mark.parametrize(
    ("request_", "stays"),
    [
        (GET, True),
        (get(b"Connection: close\r\n"), False),
        (get(b"Connection: x, Close\r\n"), False),
        (get(version=b"HTTP/1.0"), False),
        (get(b"Connection: keep-alive\r\n", version=b"HTTP/1.0"), False),
    ],
)
def test_a_connection_stays_as_long_as_both_wish(request_, stays):
    assert read(request_).messages[0].keep_alive is stays


def test_nothing_follows_the_last_request():
    assert len(read(get(b"Connection: close\r\n") + GET).messages) == 1


def test_an_offer_of_another_protocol_is_declined():
    offers = get(UPGRADE) * 50

    reader = read(offers + POST + UPGRADE + b"Content-Length: 2\r\n\r\nhi" + GET)

    assert reader.refusal is None
    assert [m.body for m in reader.messages] == [b""] * 50 + [b"hi", b""]


def test_an_offer_with_chunks_is_declined():
    offer = CHUNKED.replace(HOST, HOST + UPGRADE) + b"2\r\nhi\r\n"

    reader = read(offer, b"0\r\n\r\n", GET)

    assert [m.body for m in reader.messages] == [b"hi", b""]


class TestLimits:
    @pytest.mark.parametrize(("size", "expected"), [(100, None), (101, "uri_too_long")])
    def test_a_target_has_so_many_bytes(self, size, expected):
        whole = get(target=b"/".ljust(size, b"a"))

        assert code(whole) == code(*one_by_one(whole)) == expected

    @pytest.mark.parametrize(
        ("fields", "expected"), [(9, None), (10, "headers_too_large")]
    )
    def test_there_are_so_many_fields(self, fields, expected):
        assert code(get(b"X: 1\r\n" * fields)) == expected

    @pytest.mark.parametrize(
        ("size", "expected"), [(380, None), (390, "headers_too_large")]
    )
    def test_headers_have_so_many_bytes(self, size, expected):
        assert code(get(b"X: " + b"a" * (size - 5) + b"\r\n")) == expected

    def test_a_header_without_end_is_not_kept(self):
        assert code(b"GET /a HTTP/1.1\r\nX: ", *[b"a" * 100] * 6) == "headers_too_large"

    def test_what_came_before_does_not_count(self):
        many = GET * 50

        assert code(many + GET[:20], GET[20:]) is None

    @pytest.mark.parametrize(
        ("size", "expected"), [(1000, None), (1001, "content_too_large")]
    )
    def test_a_body_has_so_many_bytes(self, size, expected):
        announced = POST + b"Content-Length: %d\r\n\r\n" % size
        chunks = b"1f4\r\n" + b"a" * 500 + b"\r\n"
        rest = b"%x\r\n" % (size - 500) + b"a" * (size - 500) + b"\r\n0\r\n\r\n"

        assert code(announced) == expected
        assert code(CHUNKED, chunks, rest) == expected

    def test_a_trailer_without_end_is_not_kept(self):
        endless = [b"a" * 65536] * 4

        assert code(CHUNKED + b"0\r\nX: ", *endless) == "malformed_body"

    def test_a_chunk_of_a_long_name_is_not_read_for_ever(self):
        assert code(CHUNKED + b"1;", *[b"a" * 65536] * 4) == "malformed_body"


class TestExpect:
    def expecting(self, value=b"100-continue", version=b"HTTP/1.1"):
        head = POST.replace(b"HTTP/1.1", version) + b"Content-Length: 2\r\n"
        return head + b"Expect: " + value + b"\r\n\r\n"

    def test_a_client_waits_for_our_word(self):
        assert read(self.expecting()).expecting

    def test_a_client_that_goes_on_does_not_wait(self):
        assert not read(self.expecting() + b"h").expecting
        assert not read(self.expecting() + b"hi").expecting

    def test_an_old_client_cannot_wait(self):
        assert not read(self.expecting(version=b"HTTP/1.0")).expecting

    def test_no_other_expectation_is_met(self):
        assert code(self.expecting(b"200-ok")) == "expectation_failed"
