"""Lists come a page at a time, behind an opaque cursor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import ValidationError, fields, validate

from common import json
from common.ids import is_id
from common.schemas import Draft

FURTHEST = 2**53


class Cursor(fields.Field):
    """Where the last page ended: a list of up to ``parts`` plain values inside."""

    def __init__(self, parts: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.parts = parts

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> list[Any]:
        try:
            position = json.loads(urlsafe_b64decode(value.encode("ascii")))
        except (AttributeError, ValueError):
            raise ValidationError("Not a cursor of ours.") from None
        if not is_position(position, self.parts):
            raise ValidationError("Not a cursor of ours.")
        return position


def is_position(value: Any, parts: int) -> bool:
    """Sort keys first, the identity that breaks ties last."""
    return (
        isinstance(value, list)
        and 1 <= len(value) <= parts
        and is_id(value[-1])
        and all(type(key) in (int, float) and abs(key) < FURTHEST for key in value[:-1])
    )


class PageDraft(Draft):
    """``limit`` (1 to 100) and ``cursor``, as they come in a query string."""

    limit = fields.Integer(load_default=20, validate=validate.Range(1, 100))
    cursor = Cursor(load_default=None)


def page(
    found: Sequence[Any],
    limit: int,
    dump: Callable[[Any], Any],
    position: Callable[[Any], list[Any]],
) -> dict[str, Any]:
    """``{"items": [...], "next": cursor | None}`` of up to ``limit + 1`` found."""
    items = found[:limit]
    more = len(found) > limit
    return {
        "items": [dump(item) for item in items],
        "next": encode(position(items[-1])) if more else None,
    }


def encode(position: list[Any]) -> str:
    return urlsafe_b64encode(json.dumps(position)).decode("ascii")
