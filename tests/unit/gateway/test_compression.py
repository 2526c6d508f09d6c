"""Large JSON is compressed for those who take it."""

import gzip

import pytest

from gateway.compression import SMALLEST, compress, takes_gzip, worth_it


@pytest.mark.parametrize(
    "header", ["gzip", "gzip, br", "br;q=1.0, gzip;q=0.1", "*", "GZIP", "*;q=0.5"]
)
def test_who_names_gzip_takes_it(header):
    assert takes_gzip(header)


@pytest.mark.parametrize(
    "header",
    ["", "identity", "br", "gzip;q=0", "gzip;q=0.0, *", "*;q=0", "gzip," * 1000],
)
def test_who_does_not_is_left_in_peace(header):
    assert not takes_gzip(header)


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json"])
def test_large_json_is_worth_it(kind):
    assert worth_it(b"x" * SMALLEST, kind)
    assert not worth_it(b"x" * (SMALLEST - 1), kind)


@pytest.mark.parametrize("kind", [None, "image/png", "application/jsonp"])
def test_other_kinds_are_not(kind):
    assert not worth_it(b"x" * SMALLEST, kind)


def test_the_same_body_is_compressed_to_the_same_bytes():
    body = b'{"a": 1}' * 1000

    assert compress(body) == compress(body)
    assert gzip.decompress(compress(body)) == body
