"""One answer, in the form that its reader asked for."""

import gzip

import pytest

from gateway.etags import coded, etag
from gateway.representations import represented
from gateway.response import Response

BODY = b'{"items":[' + b'"tea",' * 500 + b'"mug"]}'
TAG = etag(BODY)


def an_answer(body=BODY, status=200, **headers):
    told = {"ETag": TAG, "Cache-Control": "public, max-age=2", "Location": "/x"}
    return Response(body, status, told | headers, "application/json")


def test_who_takes_gzip_gets_it_under_a_tag_of_its_own():
    found = represented(an_answer(), "gzip", "")

    assert gzip.decompress(found.body) == BODY
    assert found.headers["Content-Encoding"] == "gzip"
    assert found.headers["ETag"] == coded(TAG, "gzip")


@pytest.mark.parametrize("accepted", ["", "gzip"])
def test_caches_are_told_what_it_depends_on(accepted):
    assert represented(an_answer(), accepted, "").headers["Vary"] == "Accept-Encoding"


def test_a_small_answer_has_one_form():
    found = represented(an_answer(b"{}"), "gzip", "")

    assert (found.body, found.headers.get("Vary")) == (b"{}", None)


def test_who_has_it_gets_no_body_again():
    found = represented(an_answer(), "", TAG)

    assert (found.status, found.body) == (304, b"")
    assert found.headers == {
        "ETag": TAG,
        "Cache-Control": "public, max-age=2",
        "Vary": "Accept-Encoding",
    }


@pytest.mark.parametrize(
    ("accepted", "tag", "status"),
    [
        ("gzip", coded(TAG, "gzip"), 304),
        ("gzip", "*", 304),
        ("gzip", TAG, 200),
        ("", coded(TAG, "gzip"), 200),
    ],
)
def test_a_tag_is_of_one_form_only(accepted, tag, status):
    assert represented(an_answer(), accepted, tag).status == status


def test_only_a_success_can_be_unchanged():
    assert represented(an_answer(status=201), "", TAG).status == 201
    assert represented(Response(b"{}", 200), "", "*").status == 200
