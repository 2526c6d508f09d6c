"""The pictures of docs/architecture.md show what the code does."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.broker.parts import parts
from ops.stack.services import SERVICES
from order_service.storage.models import OrderBase
from product_service.storage import schema
from user_service.storage.models import AuthBase, UserBase

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/architecture.md").read_text()
PICTURES = re.findall(r"^```mermaid\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
CONTEXT, CALLS, EVENTS, *COMPONENTS, _ORDER, _REGIONS = PICTURES
NAMES = {service.name for service in SERVICES}
# What every service asks auth_service for; see the text below the picture.
OF_TOKENS = {"get_signing_keys", "list_ended_sessions"}
STORES = {
    "AUTH_DB_URI": "auth_db",
    "USER_DB_URI": "user_db",
    "ORDER_DB_URI": "order_db",
    "PRODUCT_MONGO_URI": "product_db",
    "REDIS_URI": "redis",
}
DATA = {
    "PostgreSQL `auth`": AuthBase.metadata.tables,
    "PostgreSQL `users`": UserBase.metadata.tables,
    "PostgreSQL `orders`": OrderBase.metadata.tables,
    "MongoDB `products`": schema.VALIDATORS,
}


@pytest.fixture(scope="module")
def code():
    return parts()


def arrows(picture, arrow):
    return re.findall(rf"^ *(\w+) {arrow} (\w+)$", picture, re.MULTILINE)


def test_who_calls_whom(code):
    drawn = {(f, t) for f, _, t in arrows(CALLS, r'-- "([^"]*)" -->') if f in NAMES}
    called = {
        (part.name, target)
        for part in code
        for target, methods in part.calls.items()
        if target != part.name
    }

    assert drawn == called


def test_who_asks_for_nothing_but_keys(code):
    drawn = {
        (f, t) for f, label, t in arrows(CALLS, r'-- "([^"]*)" -->') if "keys" in label
    }
    asked = {
        (part.name, target)
        for part in code
        for target, methods in part.calls.items()
        if target != part.name and methods == OF_TOKENS
    }

    assert drawn == asked


def test_who_hears_what(code):
    drawn = {
        (source, event, listener)
        for source, label, listener in arrows(EVENTS, r'-\. "([^"]*)" \.->')
        for event in label.split(", ")
    }
    heard = {
        (each.source, each.event, part.name) for part in code for each in part.handlers
    }

    assert drawn == heard


def test_events_that_nobody_hears_are_named(code):
    heard = {each.event for part in code for each in part.handlers}
    unheard = {event for part in code for event in part.events} - heard
    told = re.search(r"Nobody of ours hears (.*?);", DOCUMENT).group(1)

    assert set(re.findall(r"`([\w.]+)`", told)) == unheard


def test_who_uses_which_store():
    used = {
        (service.name, STORES[name])
        for service in SERVICES
        for name in service.told
        if name in STORES
    }

    assert set(arrows(CALLS, "---")) == used


@pytest.mark.parametrize("store", DATA)
def test_every_table_is_told_of(store):
    row = re.search(rf"^\| {store} \| \w+ \| (.*?) \|", DOCUMENT, re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row.group(1))) == set(DATA[store])


@pytest.mark.parametrize("picture", COMPONENTS)
def test_every_arrow_between_modules_is_an_import(picture):
    nodes = dict(
        re.findall(r'^ *(\w+)\["[^"]*<br>([\w/.]+)"\]$', picture, re.MULTILINE)
    )
    drawn = arrows(picture, "-->")

    assert drawn
    assert {name for pair in drawn for name in pair} == nodes.keys()
    assert not [(f, t) for f, t in drawn if not imports(nodes[f], nodes[t])]


def imports(path: str, wanted: str) -> bool:
    """Whether the module at ``path`` imports ``wanted``; either may be a folder."""
    module = wanted.removesuffix(".py").strip("/").replace("/", ".")
    place = ROOT / path
    files = place.glob("*.py") if place.is_dir() else [place]
    return any(
        name == module or name.startswith(f"{module}.")
        for file in files
        for name in imported(file)
    )


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{each.name}" for each in node.names)
