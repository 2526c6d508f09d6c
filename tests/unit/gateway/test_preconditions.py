"""Who changes what others change too has to say what they have read."""

import pytest

from common.errors import Refusal
from gateway.etags import etag
from gateway.preconditions import seen_version
from gateway.request import Request


def version_of(if_match):
    headers = {} if if_match is None else {"if-match": if_match}
    return seen_version(Request("PATCH", b"/v1/sellers/1", headers))


def test_the_version_is_that_of_the_tag():
    assert version_of(etag(b"x", 7)) == 7


@pytest.mark.parametrize("if_match", [None, "", " ", "*"])
def test_without_a_tag_nothing_is_changed(if_match):
    with pytest.raises(Refusal) as refusal:
        version_of(if_match)

    assert refusal.value.code == "if_match_required"


@pytest.mark.parametrize("if_match", ['"x"', f"W/{etag(b'x', 7)}", "7", etag(b"x")])
def test_a_tag_that_is_not_ours_is_stale(if_match):
    with pytest.raises(Refusal) as refusal:
        version_of(if_match)

    assert refusal.value.code == "stale"
