"""What one service says, all others understand: docs/events is what they agreed on.

Readers, writers and their events are found in the code; nobody lists them here.
"""

import ast
import inspect
import pkgutil
import re
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from textwrap import dedent
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from nameko.events import EventHandler

from common.errors import Conflict
from common.events import enveloped
from common.json import dumps, loads
from common.schemas import Reader, parse
from ops.broker.parts import entrypoints, parts, service_class
from order_service.domain.cancelling import cancel
from order_service.domain.history import Actor
from order_service.domain.refunding import refund, settle
from order_service.domain.shipping import send
from order_service.domain.states import PartStatus
from product_service.domain.categories import Category
from tests.builders import (
    CUSTOMER,
    NOON,
    SELLER,
    TEA,
    a_line,
    a_product,
    a_refund,
    an_order,
    pounds,
)
from tests.events import FOLDER, PUBLISHED, SOME_ID, files, samples, versions
from user_service.domain.events import UserErased, UserRegistered
from user_service.domain.password_reset import PasswordResetRequested
from user_service.domain.session import End, SessionsEnded
from user_service.schemas import OrderConfirmed as ForALetter

KITCHEN = Category("kitchen", "Kitchen")
DOMAINS = ("user_service.domain", "product_service.domain", "order_service.domain")
ANNOUNCED = {"catalogue.stale": [{"product_ids": [SOME_ID]}, {"product_ids": None}]}


def writers() -> dict[str, type]:
    """The class of each event that is stored, by its type."""
    found = {}
    for package in map(import_module, DOMAINS):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for each in vars(import_module(module.name)).values():
                if is_dataclass(each) and isinstance(getattr(each, "type", None), str):
                    found[each.type] = each
    return found


@dataclass(frozen=True)
class Hears:
    """A handler, and what it takes of the data: a reader, or names of fields."""

    name: str
    event: str
    reader: type[Reader] | None
    fields: frozenset[str]


def readers() -> list[Hears]:
    return [
        hears(f"{part.name}.{name}", entrypoint.event_type, getattr(service, name))
        for part in parts()
        for service in [service_class(part.name)]
        for name, entrypoint in entrypoints(service, EventHandler)
    ]


def hears(name: str, event: str, method: Any) -> Hears:
    """Read off the handler's own text: ``parse(Reader, event["data"])``, or fields."""
    method = inspect.unwrap(method)
    reader, fields = None, set()
    for node in ast.walk(ast.parse(dedent(inspect.getsource(method)))):
        match node:
            case ast.Call(func=ast.Name("parse"), args=[ast.Name(found), data]):
                assert ast.unparse(data) == "event['data']", name
                reader = method.__globals__[found]
            case ast.Subscript(value=ast.Subscript() as data, slice=ast.Constant(key)):
                if ast.unparse(data) == "event['data']" and not reader:
                    fields.add(key)
    return Hears(name, event, reader, frozenset() if reader else frozenset(fields))


WRITERS, READERS = writers(), readers()
TYPES = sorted({*WRITERS, *ANNOUNCED})


def sold(*lines: Any) -> Any:
    order = an_order(*(lines or [a_line(quantity=2), a_line(title="Pot")]))
    order.confirm()
    return order


def rejected() -> Any:
    order = an_order()
    order.give_up(Conflict("out_of_stock", "There is not enough of it"))
    order.reject()
    return order


def delivered() -> Any:
    order = sold(a_line())
    for status in (PartStatus.SHIPPED, PartStatus.DELIVERED):
        send(order, order.fulfilments[0].id, status, "T1", Actor("seller", SELLER))
    return order


def cancelled() -> Any:
    order = sold(a_line())
    cancel(order, "no more", Actor("customer", CUSTOMER), SOME_ID, NOON)
    return order


def refunded() -> Any:
    order = sold(a_line())
    wanted = a_refund(order_id=order.id, amount=pounds(100), returned={TEA: 1})
    refund(order, wanted)
    settle(order, wanted.id, NOON)
    return order


def sold_and_described() -> Any:
    product = a_product()
    product.offer([KITCHEN])
    product.become({"title": "Better tea"}, [KITCHEN], NOON)
    product.archive(NOON)
    return product


def examples() -> list[Any]:
    """As the domain itself makes them."""
    told = [rejected(), delivered(), cancelled(), refunded(), sold()]
    return [
        *(event for each in [*told, sold_and_described()] for event in each.events),
        UserRegistered(CUSTOMER),
        UserErased(CUSTOMER),
        PasswordResetRequested(CUSTOMER, SOME_ID),
        *(SessionsEnded(CUSTOMER, [SOME_ID, TEA], why) for why in End),
    ]


def newest(event_type: str) -> tuple[int, dict]:
    found = versions(event_type)
    assert found, (
        f"{event_type} has no schema: write docs/events/{event_type}.v1.json, "
        "and an example of it in tests/contract/test_events.py"
    )
    return max(found.items())


@pytest.mark.parametrize("event_type", TYPES)
def test_every_event_has_a_schema_of_the_version_that_is_written(event_type):
    version, schema = newest(event_type)

    written = getattr(WRITERS.get(event_type), "schema_version", 1)
    assert version == written, (
        f"the newest schema of {event_type} is version {version}, but its class "
        f"writes {written}: schema_version: ClassVar[int] = {version}"
    )
    Draft202012Validator.check_schema(schema)


def test_every_event_that_a_service_tells_is_known_here():
    assert {event for part in parts() for event in part.events} == set(TYPES)


def test_every_schema_is_of_an_event():
    assert {re.split(r"\.v\d+\.json$", name)[0] for name in files()} == set(TYPES)


@pytest.mark.parametrize("event_type", TYPES)
def test_what_is_written_is_what_the_newest_schema_says(event_type):
    version, schema = newest(event_type)
    data = [
        body["data"]
        for event in examples()
        if event.type == event_type
        for body in [loads(dumps(enveloped(event, NOON, "request-1")))]
        if body["version"] == version
    ] + ANNOUNCED.get(event_type, [])

    assert data, f"tests/contract/test_events.py has no example of {event_type}"
    for one in data:
        Draft202012Validator(schema).validate(one)


@pytest.mark.parametrize("event_type", TYPES)
def test_a_schema_says_all_there_is_to_say(event_type):
    """Nothing goes out that no schema knows, not even deep inside."""
    for schema in versions(event_type).values():
        for one in objects_in(schema):
            assert one["additionalProperties"] is False


def objects_in(schema: Any) -> list[dict]:
    if not isinstance(schema, dict):
        return []
    inner = [*schema.get("properties", {}).values(), schema.get("items")]
    own = [schema] if schema.get("type") == "object" else []
    return own + [found for each in inner for found in objects_in(each)]


@pytest.mark.parametrize("hears", READERS, ids=lambda hears: hears.name)
def test_a_reader_understands_every_version_that_may_come(hears):
    known = versions(hears.event)
    assert known, f"{hears.name} hears {hears.event}, which docs/events does not know"

    for version, schema in known.items():
        for data in samples(schema):
            Draft202012Validator(schema).validate(data)
            understood(hears, version, data)


def understood(hears: Hears, version: int, data: dict) -> None:
    assert hears.fields <= data.keys(), f"{hears.name} misses {hears.fields}"
    if hears.reader:
        try:
            parse(hears.reader, data)
        except Exception as trouble:
            raise AssertionError(
                f"{hears.name} does not understand version {version} of "
                f"{hears.event}: {getattr(trouble, 'details', trouble)}"
            ) from None


@pytest.mark.parametrize("hears", READERS, ids=lambda hears: hears.name)
def test_a_reader_does_not_mind_what_it_does_not_know(hears):
    for schema in versions(hears.event).values():
        understood(hears, 0, samples(schema)[0] | {"new": {"deep": [1]}})


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_a_published_schema_never_changes(name):
    now = files().get(name)

    assert now is not None, (
        f"docs/events/{name} is gone: if nothing of that version can come any more, "
        "take it out of docs/events/published.json too"
    )
    assert now == PUBLISHED[name], (
        f"docs/events/{name} is published and has changed: events of that version are "
        "under way. Put it back, and write the next version beside it"
    )


def test_every_schema_is_published():
    missing = {name: sha for name, sha in files().items() if name not in PUBLISHED}

    assert not missing, f"add to {FOLDER / 'published.json'}: {missing}"


class TestTheCheck:
    """It would be worth nothing if it let a break pass."""

    def breaks(self, change: Any) -> bool:
        [stock] = (
            one
            for one in READERS
            if one.name.endswith("product_service.on_order_refunded")
        )
        schema = versions(stock.event)[1]
        change(schema)
        try:
            for data in samples(schema):
                understood(stock, 2, data)
        except AssertionError:
            return True
        return False

    def test_a_field_that_is_gone_breaks_who_reads_it(self):
        def drop(schema):
            del schema["properties"]["refund_id"]
            schema["required"].remove("refund_id")

        assert self.breaks(drop)

    def test_a_field_that_may_be_missing_breaks_who_needs_it(self):
        assert self.breaks(lambda schema: schema["required"].remove("refund_id"))

    def test_another_type_breaks_who_reads_it(self):
        def number(schema):
            schema["properties"]["refund_id"] = {"type": "integer", "minimum": 1}

        assert self.breaks(number)

    def test_a_field_deep_inside_breaks_who_reads_it(self):
        def drop(schema):
            item = schema["properties"]["returned_items"]["items"]
            del item["properties"]["quantity"]
            item["required"].remove("quantity")

        assert self.breaks(drop)

    def test_a_field_more_breaks_nobody(self):
        def add(schema):
            schema["properties"]["more"] = {"type": "boolean"}

        assert not self.breaks(add)

    def test_a_field_that_nobody_reads_breaks_nobody(self):
        def drop(schema):
            del schema["properties"]["customer_id"]
            schema["required"].remove("customer_id")

        assert not self.breaks(drop)


def test_a_letter_can_be_written_about_a_confirmed_order():
    order = sold(a_line(quantity=2), a_line(title="Pot", quantity=1))
    body = loads(dumps(enveloped(order.events[0], NOON, "request-1")))

    read = parse(ForALetter, body["data"])

    assert read["customer_id"] == order.customer_id
    assert (read["number"], read["total"]) == (order.number, pounds(1350))
    price = pounds(450)
    assert read["items"][1] == {"title": "Pot", "quantity": 1, "unit_price": price}


@pytest.mark.parametrize("event", [UserErased(CUSTOMER), UserRegistered(CUSTOMER)])
def test_events_of_people_say_no_more_than_who(event):
    assert enveloped(event, NOON, None)["data"] == {"user_id": CUSTOMER}


def test_every_event_comes_in_the_same_envelope():
    body = enveloped(sold().events[0], NOON, "request-1")

    assert set(body) == {
        "id", "type", "version", "occurred_at", "correlation_id", "data",
    }  # fmt: skip
    assert body["occurred_at"] == "2026-01-01T12:00:00.000Z"
    assert (body["type"], body["version"]) == ("order.confirmed", 2)
