"""Forms are read, and refused, whatever is written into them."""

import pytest
from marshmallow import fields

from common.errors import Invalid
from common.schemas import MOST_FIELDS, Draft, Text, parse


class Note(Draft):
    text = Text(100)
    numbers = fields.List(fields.Integer())


def complaints(document):
    with pytest.raises(Invalid) as refusal:
        parse(Note, document)
    return refusal.value.details


def test_every_field_that_is_wrong_is_named():
    assert set(complaints({"text": "", "other": 1})) == {"text", "other"}


def test_a_form_of_very_many_fields_is_not_read():
    assert set(complaints(dict.fromkeys(map(str, range(90_000))))) == {"body"}


def test_nobody_reads_thousands_of_complaints():
    assert len(complaints({"numbers": ["x"] * 90_000})) == MOST_FIELDS


@pytest.mark.parametrize("char", ["\0", "\r", "\x7f", "\x85", "\u202e", "\ud800"])
def test_what_is_no_text_is_refused(char):
    assert set(complaints({"text": f"a{char}b"})) == {"text"}


def test_lines_and_other_languages_are_text():
    text = "a\n\tb é ü 日本 🙂"

    assert parse(Note, {"text": text}) == {"text": text}
