"""What the gateway makes of a request before anybody else sees it."""

import pytest

from common.errors import Invalid
from gateway.request import Request, by_name

LONG = "text/csv," * 1700


def a_request(target="/v1/orders", data="", **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = data if isinstance(data, bytes) else data.encode()
    return Request("POST", target.encode("latin-1"), named, body)


def refusal_of(read):
    with pytest.raises(Invalid) as refusal:
        read()
    return refusal.value.code


@pytest.mark.parametrize(
    "body", ["", "{", "{'a': 1}", '{"a": NaN}', "[" * 10_000, b"\xff\xfe"]
)
def test_broken_json_is_refused(body):
    request = a_request(data=body, content_type="application/json")

    assert refusal_of(lambda: request.document) == "malformed_json"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", ""]
)
def test_only_json_is_read(media_type):
    request = a_request(data="{}", content_type=media_type)

    assert refusal_of(lambda: request.document) == "unsupported_media_type"


def test_a_media_type_may_have_parameters():
    request = a_request(data="{}", content_type="Application/JSON; charset=utf-8")

    assert request.document == {}


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/a", "/a", ""),
        ("/a?", "/a", ""),
        ("/a?b=c?d", "/a", "b=c?d"),
        ("/a%2Fb%3F?x=%20", "/a/b?", "x=%20"),
        ("/%C3%A9", "/é", ""),
    ],
)
def test_a_path_is_decoded_and_a_query_is_not(target, path, query):
    request = a_request(target)

    assert (request.path, request.query_string) == (path, query)


@pytest.mark.parametrize("target", ["/%ff", "/\xe9", "/a?\xe9", "/%C3", "/%ed%a0%80"])
def test_a_target_that_is_not_utf8_is_refused(target):
    assert refusal_of(lambda: a_request(target)) == "malformed_request"


@pytest.mark.parametrize("query", ["q=%ff", "&".join(f"p{n}=" for n in range(101))])
def test_a_query_that_nobody_writes_is_refused(query):
    assert refusal_of(lambda: a_request(f"/a?{query}").query) == "malformed_request"


def test_a_query_may_have_blanks():
    assert a_request("/a?q=&b=c+d%26").query == {"q": "", "b": "c d&"}


def test_repeated_headers_are_joined():
    headers = [(b"Accept", b"a"), (b"accept", b" b \t")]

    assert by_name(headers) == {"accept": "a, b"}


def test_a_header_with_an_underscore_passes_for_no_other():
    headers = [(b"X_Forwarded_For", b"1.1.1.1"), (b"X-Forwarded-For", b"2.2.2.2")]

    assert by_name(headers) == {"x-forwarded-for": "2.2.2.2"}


@pytest.mark.parametrize("accept", ["", "*/*", "text/html, application/*;q=0.1", LONG])
def test_who_accepts_what_we_have_is_served(accept):
    a_request(accept=accept).must_accept("application/json")


@pytest.mark.parametrize("accept", ["text/csv", "application/json;q=0"])
def test_who_accepts_nothing_we_have_is_refused(accept):
    request = a_request(accept=accept)

    assert refusal_of(lambda: request.must_accept("application/json")) == (
        "not_acceptable"
    )


def test_a_parameter_given_twice_is_refused():
    assert refusal_of(lambda: a_request("/a?limit=1&limit=2").query) == "invalid"


@pytest.mark.parametrize("key", [None, "", "a b", "x" * 256, "é"])
def test_an_idempotency_key_is_visible_and_short(key):
    request = a_request(**({} if key is None else {"idempotency_key": key}))

    assert refusal_of(lambda: request.idempotency_key) == "idempotency_key_required"


def fingerprint(body, path="/v1/orders", key="k1"):
    return a_request(
        path, body, content_type="application/json", idempotency_key=key
    ).fingerprint


def test_a_fingerprint_sees_what_is_said_and_not_how():
    assert fingerprint('{"a":1,"b":[{"d":1,"c":2}]}') == fingerprint(
        '{ "b": [{"c": 2, "d": 1}], "a": 1 }'
    )


@pytest.mark.parametrize("other", ['{"a":2}', '{"a":"1"}', '{"a":1,"b":null}', "[]"])
def test_another_body_has_another_fingerprint(other):
    assert fingerprint('{"a":1}') != fingerprint(other)


def test_another_path_has_another_fingerprint():
    assert fingerprint("{}") != fingerprint("{}", path="/v1/x")


def test_a_fingerprint_cannot_be_made_without_the_key():
    assert fingerprint("{}") != fingerprint("{}", key="k2")


def test_a_good_request_id_is_kept_and_a_bad_one_replaced():
    assert a_request(x_request_id="abc-1").request_id == "abc-1"
    assert a_request(x_request_id="a b\tc").request_id != "a b\tc"
