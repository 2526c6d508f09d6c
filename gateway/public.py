"""Public reads: answered from memory if they can be, by the shop if they must."""

from collections.abc import Callable
from typing import Any

from common.deadlines import remaining
from common.errors import NotFound
from gateway.cache import Cache, Fill, tags_in
from gateway.flights import Flight, Flights
from gateway.ready import OVERHEAD_BYTES, Ready
from gateway.request import Request
from gateway.response import Response

# If we hear no news, because the broker is away, nothing is older than this.
FRESH_SECONDS = 2.0
MISSING_SECONDS = 0.5
LONGEST_WAIT = 10.0


class PublicReads:
    """``made_ready`` turns an answer and its entrypoint into bytes."""

    def __init__(
        self, cache: Cache, made_ready: Callable[[Response, Any], Ready]
    ) -> None:
        self.cache, self.made_ready = cache, made_ready
        self.flights = Flights()

    def answer(
        self, request: Request, entrypoint: Any, context: dict[str, Any]
    ) -> Response:
        """The same for everybody; raises what the shop refuses with."""
        if not self.cache.most_bytes:
            return entrypoint.handle_request(request, context)
        answer = self.cache.find(request.target)
        while answer is None:
            left = remaining(context, LONGEST_WAIT)
            flight = self.flights.wait_for(request.target, left)
            if flight is None:
                return self.ask(request, entrypoint, context)
            answer = flight.answer or self.cache.find(request.target)
        self.cache.hits += 1
        if isinstance(answer, NotFound):
            raise answer.with_traceback(None)
        return answer.response

    def ask(
        self, request: Request, entrypoint: Any, context: dict[str, Any]
    ) -> Response:
        self.cache.misses += 1
        key = request.target
        with self.flights.flying(key) as flight, self.cache.filling() as fill:
            try:
                response = entrypoint.handle_request(request, context)
            except NotFound as missing:
                self.share(request, missing, flight, fill, MISSING_SECONDS)
                raise
            seconds = min(FRESH_SECONDS, entrypoint.route.cache_seconds)
            ready = self.made_ready(response, entrypoint)
            self.share(request, ready, flight, fill, seconds)
        return response

    def share(
        self,
        request: Request,
        answer: Ready | NotFound,
        flight: Flight,
        fill: Fill,
        seconds: float,
    ) -> None:
        """Give ``answer`` to all who ask, unless news came while it was fetched."""
        body = answer.response.body if isinstance(answer, Ready) else b""
        size = answer.size if isinstance(answer, Ready) else OVERHEAD_BYTES
        tags = tags_in(request.path.encode(), body)
        if fill.outdates(tags):
            return
        flight.answer = answer
        self.cache.keep(
            request.target, answer, fill, tags=tags, size=size, seconds=seconds
        )
