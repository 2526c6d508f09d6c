"""What each service has to do with the broker."""

import ast
import inspect
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from nameko.events import BROADCAST, SINGLETON, EventHandler
from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR, is_extension
from nameko.rpc import Rpc

from common.announcing import Announcer
from common.wire import ServiceRpc
from ops.broker.code import reached
from ops.errors import Problem
from ops.stack.services import SERVICES


@dataclass(frozen=True)
class Handler:
    """What it hears of whom, and the pattern of its queue's name."""

    source: str
    event: str
    queue: str
    is_durable: bool


@dataclass(frozen=True)
class Part:
    """A service: its RPC methods, those that it calls, and its events."""

    name: str
    methods: frozenset[str]
    calls: Mapping[str, frozenset[str]]
    events: frozenset[str]
    handlers: tuple[Handler, ...]


def parts() -> list[Part]:
    """All services; raises for a call of a method that does not exist."""
    return [
        Part(
            name=service.name,
            methods=methods(service.name),
            calls=calls(service_class(service.name)),
            events=events(service_class(service.name)),
            handlers=tuple(handlers(service_class(service.name))),
        )
        for service in SERVICES
    ]


@cache
def service_class(name: str) -> type:
    target = next(each.target for each in SERVICES if each.name == name)
    module, _, class_name = target.partition(":")
    found: type = getattr(import_module(module), class_name)
    return found


def entrypoints(service: type, kind: type) -> Iterator[tuple[str, Any]]:
    for name, method in inspect.getmembers(service, inspect.isfunction):
        for entrypoint in getattr(method, ENTRYPOINT_EXTENSIONS_ATTR, ()):
            if isinstance(entrypoint, kind):
                yield name, entrypoint


@cache
def methods(name: str) -> frozenset[str]:
    return frozenset(method for method, _ in entrypoints(service_class(name), Rpc))


def handlers(service: Any) -> Iterator[Handler]:
    for method, each in entrypoints(service, EventHandler):
        if each.handler_type is SINGLETON:
            raise Problem(f"{method}: a queue that services share is nobody's own")
        queue = f"evt-{each.source_service}-{each.event_type}--{service.name}.{method}"
        broadcast = "-[0-9a-f]{32}" if each.handler_type is BROADCAST else ""
        yield Handler(
            source=each.source_service,
            event=each.event_type,
            queue=queue.replace(".", r"\.") + broadcast,
            is_durable=each.reliable_delivery,
        )


def calls(service: type) -> dict[str, frozenset[str]]:
    """The methods that it calls, by the service that has them."""
    found: dict[str, frozenset[str]] = {}
    for owner, name, neighbour in neighbours(service):
        target = neighbour.target_service
        called = called_on(owner, name, neighbour, methods(target))
        found[target] = found.get(target, frozenset()) | called
    return found


def neighbours(owner: type) -> Iterator[tuple[type, str, ServiceRpc]]:
    """Those of the class, and those of its extensions."""
    for name, extension in inspect.getmembers(owner, is_extension):
        if isinstance(extension, ServiceRpc):
            yield owner, name, extension
        else:
            yield from neighbours(type(extension))


def called_on(
    owner: type, name: str, neighbour: ServiceRpc, known: frozenset[str]
) -> frozenset[str]:
    """The methods of ``neighbour`` that are called under its ``name``.

    Wherever it is handed on to, it keeps that name.  A neighbour with a class of
    its own makes its calls in there.
    """
    kind = type(neighbour)
    if kind is not ServiceRpc:
        return known & {node.attr for node in attributes(reached(kind))}
    found = {n.attr for n in attributes(reached(owner)) if is_named(n.value, name)}
    if wrong := found - known:
        target = neighbour.target_service
        raise Problem(f"{owner.__name__} calls {target}.{min(wrong)}, which is none")
    return frozenset(found)


def attributes(definitions: Iterable[ast.AST]) -> Iterator[ast.Attribute]:
    for definition in definitions:
        for node in ast.walk(definition):
            if isinstance(node, ast.Attribute):
                yield node


def is_named(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Name(id=found) | ast.Attribute(value=ast.Name("self"), attr=found):
            return found == name
    return False


def events(service: type) -> frozenset[str]:
    """The types of the events that it stores, and of those that it announces."""
    announced = {
        each.event_type
        for _, each in inspect.getmembers(service, is_extension)
        if isinstance(each, Announcer)
    }
    return frozenset(announced | {*stored(service)})


def stored(service: type) -> Iterator[str]:
    """An event is a class that names its ``type``."""
    for definition in reached(service):
        for node in getattr(definition, "body", ()):
            match node:
                case ast.AnnAssign(
                    target=ast.Name("type"), value=ast.Constant(str(event))
                ):
                    yield event
