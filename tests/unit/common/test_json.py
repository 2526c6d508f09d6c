"""Plain JSON and nothing else."""

import pytest

from common import json


def test_a_type_tag_stays_the_plain_object_it_is():
    text = '{"q":{"__type__":"decimal","__value__":"NaN"}}'

    assert json.loads(text) == {"q": {"__type__": "decimal", "__value__": "NaN"}}


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "[",
        "",
        "[" * 100_000,
        "1" * 5000,
        b"\xff",
        '"\\ud800"',
        '{"\\udfff":1}',
        "[" * 33 + "]" * 33,
    ],
)
def test_what_is_not_plain_json_is_a_value_error(text):
    with pytest.raises(ValueError):  # noqa: PT011
        json.loads(text)


@pytest.mark.parametrize("value", [{1}, object(), 2**70, {1: "a"}, "\ud800"])
def test_what_json_has_no_word_for_is_a_type_error(value):
    with pytest.raises(TypeError):
        json.dumps(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_none_is_null(value):
    assert json.dumps({"a": value}) == b'{"a":null}'


def test_what_nests_as_deep_as_allowed_is_read():
    assert json.loads("[" * 32 + "]" * 32)


def test_what_is_written_is_read_back():
    value = {"title": "Tea “for two” é", "price": 255, "tags": [None, True]}

    assert json.loads(json.dumps(value)) == value
