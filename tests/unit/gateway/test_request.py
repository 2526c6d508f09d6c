"""What the gateway makes of a request before anybody else sees it."""

import pytest
from werkzeug.test import EnvironBuilder

from common.errors import Invalid
from gateway.request import LARGEST_BODY, Request


def a_request(**options):
    return Request(EnvironBuilder(**options).get_environ())


def refusal_of(read):
    with pytest.raises(Invalid) as refusal:
        read()
    return refusal.value.code


@pytest.mark.parametrize(
    "body", ["", "{", "{'a': 1}", '{"a": NaN}', "[" * 10_000, b"\xff\xfe"]
)
def test_broken_json_is_refused(body):
    request = a_request(method="POST", data=body, content_type="application/json")

    assert refusal_of(lambda: request.document) == "malformed_json"


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", None]
)
def test_only_json_is_read(media_type):
    request = a_request(method="POST", data="{}", content_type=media_type)

    assert refusal_of(lambda: request.document) == "unsupported_media_type"


def test_a_body_of_more_than_a_mebibyte_is_refused():
    request = a_request(method="POST", data="x" * (LARGEST_BODY + 1))

    assert refusal_of(request.read_body) == "content_too_large"


def test_a_body_of_a_mebibyte_is_read():
    request = a_request(method="POST", data="x" * LARGEST_BODY)

    request.read_body()

    assert len(request.data) == LARGEST_BODY


def test_a_parameter_given_twice_is_refused():
    assert (
        refusal_of(lambda: a_request(query_string="limit=1&limit=2").query) == "invalid"
    )


@pytest.mark.parametrize("key", [None, "", "a b", "x" * 256, "é"])
def test_an_idempotency_key_is_visible_and_short(key):
    headers = {"Idempotency-Key": key} if key is not None else {}
    request = a_request(method="POST", headers=headers)

    assert refusal_of(lambda: request.idempotency_key) == "idempotency_key_required"


def fingerprint(body, path="/v1/orders"):
    return a_request(
        method="POST", path=path, data=body, content_type="application/json"
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


def test_a_good_request_id_is_kept_and_a_bad_one_replaced():
    assert a_request(headers={"X-Request-Id": "abc-1"}).request_id == "abc-1"
    assert a_request(headers={"X-Request-Id": "a b\tc"}).request_id != "a b\tc"
