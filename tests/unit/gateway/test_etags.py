"""A tag names one version of one body, and nothing else matches it."""

import pytest

from gateway.etags import coded, etag, known, version_in

TAG = etag(b'{"version":3}', 3)


def test_a_tag_is_strong_and_says_the_version():
    assert TAG.startswith('"3-')
    assert etag(b"x") == etag(b"x") != etag(b"y")
    assert "-" not in etag(b"x")


@pytest.mark.parametrize("version", [None, "3", 1.5])
def test_what_is_not_a_version_is_left_out(version):
    assert etag(b"x", version) == etag(b"x")


@pytest.mark.parametrize(
    "header", ["*", TAG, f"W/{TAG}", f'"a", {TAG}', f'W/"a" ,{TAG},"b"', f" {TAG} "]
)
def test_what_the_client_has_is_known(header):
    assert known(header, TAG)


@pytest.mark.parametrize(
    "header", ["", '""', "3", TAG.strip('"'), TAG[:-1], coded(TAG, "gzip"), '"*"']
)
def test_what_the_client_has_not_is_unknown(header):
    assert not known(header, TAG)


@pytest.mark.parametrize("header", [TAG, coded(TAG, "gzip"), f'"a", {TAG}'])
def test_the_version_is_read_back(header):
    assert version_in(header) == 3


def test_of_several_versions_the_newest_counts():
    assert version_in(f"{etag(b'x', 7)}, {TAG}") == 7
    assert version_in(f"{TAG}, {etag(b'x', 999)}") == 999


@pytest.mark.parametrize("header", [f"W/{TAG}", etag(b"x"), "*", "3", '"3"', '"-3-x"'])
def test_a_tag_that_is_not_ours_has_no_version(header):
    assert version_in(header) is None
