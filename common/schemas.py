"""Marshmallow as this shop uses it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import islice
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from common.countries import COUNTRIES
from common.errors import Invalid
from common.ids import is_id
from common.money import Money

CURRENCIES = ("GBP",)
# Times the most pieces and the most lines of an order, it still fits a bigint.
LARGEST_AMOUNT = 10**11
# Of the most pieces in the most lines; a column holds nine times as much.
LARGEST_TOTAL = 10**18
# No form has more, and nobody reads more complaints.
MOST_FIELDS = 100
TOO_MANY = f"More than {MOST_FIELDS} fields."
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SURROGATE = re.compile(r"[\ud800-\udfff]")


class Draft(Schema):
    """What a client sends: a key we do not know is a mistake."""

    class Meta:
        unknown = RAISE


class Reader(Schema):
    """What another service says: keys we do not know are none of our business."""

    class Meta:
        unknown = EXCLUDE


@cache
def made(schema: type[Schema]) -> Schema:
    """The one instance of ``schema``: to make one takes longer than to use it."""
    return schema()


def parse(schema: type[Schema], data: Any, many: bool = False) -> Any:
    """Load ``data``, or refuse it naming the fields that are wrong, many of them."""
    if isinstance(data, dict) and len(data) > MOST_FIELDS:
        raise Invalid("invalid", "The request is not valid", {"body": TOO_MANY})
    try:
        return made(schema).load(data, many=many)
    except ValidationError as error:
        details = dict(islice(flatten(error.messages), MOST_FIELDS))
        raise Invalid("invalid", "The request is not valid", details) from None


def show(schema: type[Schema], value: Any, many: bool = False) -> Any:
    """What others see of ``value``: plain JSON."""
    return made(schema).dump(value, many=many)


def flatten(messages: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Turn marshmallow's nested messages into ``("items.0.quantity", "...")``."""
    if isinstance(messages, list):
        yield path, " ".join(messages)
        return
    for key, inner in messages.items():
        yield from flatten(inner, join(path, key))


def join(path: str, key: Any) -> str:
    # marshmallow files what is wrong with the whole object under "_schema"
    return f"{path}.{key}".strip(".") if key != "_schema" else path or "body"


def printable(text: str) -> None:
    """Refuse what no database column should hold, and what turns a line around."""
    if CONTROL.search(text):
        raise ValidationError("Control characters are not allowed.")
    if SURROGATE.search(text):
        raise ValidationError("Not valid Unicode.")


class Text(fields.String):
    """Trimmed text of ``shortest`` to ``longest`` characters."""

    def __init__(self, longest: int, shortest: int = 1, **options: Any) -> None:
        self.longest, self.shortest = longest, shortest
        super().__init__(
            validate=[validate.Length(shortest, longest), printable], **options
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> str:
        return super()._deserialize(value, attr, data, **options).strip()


class Country(fields.String):
    def __init__(self, **options: Any) -> None:
        known = validate.OneOf(COUNTRIES, error="Not an ISO 3166-1 alpha-2 code.")
        super().__init__(validate=known, **options)


class Id(fields.String):
    """An identity, as ``common.ids`` makes them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=self.shape, **options)

    def shape(self, value: str) -> None:
        if not is_id(value):
            raise ValidationError("Not an identity.")


class Count(fields.Integer):
    """A whole number from ``least`` to ``most``; no text, no fractions."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(least, most), **options)

    def _validated(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Flag(fields.Boolean):
    """``true`` or ``false``; no text, no numbers."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **options: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class MoneyDraft(Draft):
    amount = Count(0, LARGEST_AMOUNT, required=True)
    currency = fields.String(required=True, validate=validate.OneOf(CURRENCIES))


class TotalDraft(MoneyDraft):
    amount = Count(0, LARGEST_TOTAL, required=True)


class MoneyField(fields.Nested):
    """``{"amount": 255, "currency": "GBP"}`` outside, ``Money`` inside."""

    form: type[Schema] = MoneyDraft

    def __init__(self, **options: Any) -> None:
        super().__init__(self.form, **options)

    def _serialize(  # type: ignore[override]
        self, nested_obj: Any, attr: Any, obj: Any, **_: Any
    ) -> Any:
        if nested_obj is None:
            return None
        return {"amount": nested_obj.amount, "currency": nested_obj.currency}

    def _load(self, *args: Any, **options: Any) -> Money:
        return Money(**super()._load(*args, **options))


class TotalField(MoneyField):
    """Of many pieces, so it may be more than one of them costs."""

    form = TotalDraft


class Moment(fields.Field):
    """A time: aware UTC inside, ISO 8601 with ``Z`` outside."""

    def _serialize(self, value: Any, attr: Any, obj: Any, **_: Any) -> str | None:
        return None if value is None else iso(value)


def iso(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
