"""Which route a request is for; asked often, so answered from memory."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import BaseConverter, Map, RequestRedirect

from common.ids import SHAPE, is_id
from gateway.request import Request

REMEMBERED = 4096
LONGEST_REMEMBERED = 256
UNKNOWN_LIMIT = "browse"
UNKNOWN = "unknown"


class IdConverter(BaseConverter):
    """``<id:order_id>``: anything but an identity is an unknown path."""

    regex = SHAPE.pattern


@dataclass(frozen=True, slots=True)
class Found:
    """``entrypoint`` is None where ``methods`` has not what was asked for.

    An unknown path has no methods.
    """

    entrypoint: Any = None
    values: dict[str, str] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()

    def limit_of(self, request: Request) -> str:
        """The name of what counts requests of this kind."""
        known = self.entrypoint
        return known.route.limit_of(request) if known else UNKNOWN_LIMIT

    def shown(self, path: str) -> str:
        """``path``, unless there are words in it that may be a stranger's own."""
        if self.methods and all(map(is_id, self.values.values())):
            return path
        return self.entrypoint.route.path if self.entrypoint else UNKNOWN

    @property
    def name(self) -> str:
        """Of the route, as the log tells it."""
        route = self.entrypoint and self.entrypoint.route
        return f"{route.method} {route.path}" if route else UNKNOWN

    def label(self, method: str, status: int) -> tuple[str, str, str]:
        if self.entrypoint is None:
            return ("other", UNKNOWN, str(int(status)))
        return (method, self.entrypoint.route.path, str(int(status)))


class Routes:
    def __init__(self, entrypoints: Iterable[Any]) -> None:
        self._entrypoints = list(entrypoints)
        url_map = Map(converters={"id": IdConverter}, merge_slashes=False)
        for entrypoint in self._entrypoints:
            rule = entrypoint.get_url_rule()
            rule.endpoint = entrypoint
            url_map.add(rule)
        self._adapter = url_map.bind("shop")
        self._remembered = lru_cache(REMEMBERED)(self._look_up)

    @property
    def names(self) -> set[str]:
        """``GET /v1/orders`` and so on."""
        routes = [entrypoint.route for entrypoint in self._entrypoints]
        return {f"{route.method} {route.path}" for route in routes}

    def find(self, method: str, path: str) -> Found:
        short = len(path) <= LONGEST_REMEMBERED
        return (self._remembered if short else self._look_up)(method, path)

    def _look_up(self, method: str, path: str) -> Found:
        # werkzeug would take "//v1" for "/v1".
        if path.startswith("//"):
            return Found()
        entrypoint: Any = None
        values: Mapping[str, Any] = {}
        try:
            entrypoint, values = self._adapter.match(path, method)
        except MethodNotAllowed as wrong:
            _, values = self._adapter.match(path, next(iter(wrong.valid_methods or ())))
        except RequestRedirect:
            pass
        except HTTPException:
            return Found()
        methods = self._adapter.allowed_methods(path)
        return Found(entrypoint, dict(values), frozenset({*methods, "OPTIONS"}))
