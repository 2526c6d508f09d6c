"""Public reads: answered from memory if they can be, by the shop if they must."""

from collections.abc import Callable
from contextlib import AbstractContextManager
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
    """``made_ready`` turns an answer and its entrypoint into bytes.

    ``admitted`` finds room on a route, for those alone who go to the shop.
    """

    def __init__(
        self,
        cache: Cache,
        made_ready: Callable[[Response, Any], Ready],
        admitted: Callable[[Any], AbstractContextManager[None]],
    ) -> None:
        self.cache, self.made_ready, self.admitted = cache, made_ready, admitted
        self.flights = Flights()

    def answer(
        self, request: Request, entrypoint: Any, context: dict[str, Any]
    ) -> Response:
        """The same for everybody; raises what the shop refuses with."""
        if not self.cache.most_bytes:
            with self.admitted(entrypoint.route):
                return entrypoint.handle_request(request, context)
        answer = self.cache.find(request.target) or self.shared(request, context)
        if answer is None:
            with self.admitted(entrypoint.route):
                return self.ask(request, entrypoint, context)
        self.cache.hits += 1
        if isinstance(answer, NotFound):
            raise NotFound(*answer.args)
        return answer.response

    def shared(
        self, request: Request, context: dict[str, Any]
    ) -> Ready | NotFound | None:
        """What others fetch meanwhile; None when it is on us to go.

        What took off after we came is true for us, whatever has changed since;
        so however often that is, we wait for two flights at the most.
        """
        key, is_later = request.target, False
        while flight := self.flights.wait_for(key, remaining(context, LONGEST_WAIT)):
            found = flight.answer if is_later or not flight.outdated else None
            answer = found or self.cache.find(key)
            if answer is not None:
                return answer
            is_later = True
        return None

    def ask(
        self, request: Request, entrypoint: Any, context: dict[str, Any]
    ) -> Response:
        self.cache.misses += 1
        key = request.target
        with self.flights.flying(key) as flight, self.cache.filling() as fill:
            try:
                response = entrypoint.handle_request(request, context)
            except NotFound as missing:
                # What was raised holds on to all that it was raised in.
                found = NotFound(*missing.args)
                self.share(request, found, flight, fill, MISSING_SECONDS)
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
        """Give ``answer`` to who waits, and keep it unless news came meanwhile."""
        body = answer.response.body if isinstance(answer, Ready) else b""
        size = answer.size if isinstance(answer, Ready) else OVERHEAD_BYTES
        tags = tags_in(request.path.encode(), body)
        flight.answer, flight.outdated = answer, fill.outdates(tags)
        self.cache.keep(
            request.target, answer, fill, tags=tags, size=size, seconds=seconds
        )
