"""What the gateway can be asked to do: its routes, with the methods behind them."""

import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from nameko.extensions import ENTRYPOINT_EXTENSIONS_ATTR

from common.wire import ServiceRpc
from gateway.access import SHOPPER
from gateway.http import PATH_VALUE, HttpEntrypoint, Route
from gateway.service import GatewayService


@dataclass(frozen=True)
class Operation:
    resource: type
    handler: Callable[..., Any]
    route: Route

    @property
    def name(self) -> str:
        return self.handler.__name__

    @property
    def tag(self) -> str:
        return self.resource.__module__.rpartition(".")[2]

    @property
    def about(self) -> str:
        """What the tag is about, as the resource's module says it."""
        sentence = inspect.getdoc(sys.modules[self.resource.__module__]) or ""
        words = sentence.partition(": ")[2] or sentence
        return words[:1].upper() + words[1:]

    @property
    def path(self) -> str:
        return self.route.path

    @property
    def path_values(self) -> list[str]:
        return PATH_VALUE.findall(self.route.url)

    @property
    def words(self) -> tuple[str, str]:
        """The docstring's first line, and the rest of it."""
        first, _, rest = (inspect.getdoc(self.handler) or "").partition("\n")
        return first.removesuffix("."), rest.strip()

    @property
    def is_for_guests(self) -> bool:
        """Whether the cart of somebody who has not signed in has to do with it."""
        return self.route.allow == SHOPPER or self.name == "issue_tokens"

    @property
    def asks_others(self) -> bool:
        """Whether a service that may be away has to answer first."""
        parts = vars(self.resource).values()
        return any(isinstance(part, ServiceRpc) for part in parts)


def all_operations() -> Iterator[Operation]:
    """In the order of their writing; the pages about them are no part of it."""
    for resource in GatewayService.__bases__:
        for handler in vars(resource).values():
            for entrypoint in getattr(handler, ENTRYPOINT_EXTENSIONS_ATTR, ()):
                if is_contract(entrypoint):
                    yield Operation(resource, handler, entrypoint.route)


def is_contract(entrypoint: Any) -> bool:
    speaks_http = isinstance(entrypoint, HttpEntrypoint)
    return speaks_http and entrypoint.route.media_type == "application/json"
