"""What an answer is on the wire."""

import pytest

from gateway.response import Response


def test_an_answer_is_its_status_headers_and_body():
    answer = Response(b"{}", 201, {"Location": "/v1/x"}, "application/json")

    assert answer.encode() == (
        b"HTTP/1.1 201 Created\r\nLocation: /v1/x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_head_announces_the_body_and_leaves_it_out():
    answer = Response("{}", content_type="application/json").encode(head=True)

    assert answer.endswith(b"Content-Length: 2\r\n\r\n")


@pytest.mark.parametrize("status", [204, 304])
def test_some_answers_have_neither_body_nor_length(status):
    answer = Response(b"", status, {"ETag": '"1"'}, "application/json").encode()

    assert answer.split(b"\r\n", 1)[1] == b'ETag: "1"\r\n\r\n'


def test_an_empty_answer_says_that_it_is_empty():
    assert Response(status=202).encode() == (
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
    )


def test_a_client_is_told_of_the_end():
    assert b"\r\nConnection: close\r\n" in Response().encode(close=True)


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x", "a\nb", "a\rb"])
def test_a_line_break_in_a_header_goes_nowhere(value):
    with pytest.raises(ValueError, match="line break"):
        Response(headers={"Location": value}).encode()
