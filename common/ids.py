"""Identities are UUIDv7: unique, and in the order of their making."""

import re

from uuid_utils import uuid7

SHAPE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def new_id() -> str:
    return str(uuid7())


def is_id(text: object) -> bool:
    """Whether ``text`` has the shape of an identity (any UUID, lower case)."""
    return isinstance(text, str) and SHAPE.fullmatch(text) is not None
