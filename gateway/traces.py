"""The span of a request: the first of its trace, or the first that we know."""

from werkzeug.exceptions import HTTPException

from common import tracing
from common.tracing import Kind, Span
from common.tracing.tracer import Allowance
from common.tracing.workers import REQUEST_ID
from gateway.request import Request
from gateway.response import Response
from gateway.routing import Found

# Of their own: they must not hide what fails, of which no more is told either.
STRANGERS = Allowance()


def traced(request: Request, found: Found) -> Span:
    """Its path may name people; its route does not."""
    method, route, _ = found.label(request.method, 0)
    described = {
        "http.request.method": method,
        "http.route": route,
        REQUEST_ID: request.request_id,
    }
    parent = tracing.read(request.traceparent)
    if parent and parent.sampled and not STRANGERS.has_room():
        # A stranger's wish is heard, but not so often that it costs the others.
        parent = parent._replace(sampled=False)
    span = tracing.entry(f"{method} {route}", Kind.SERVER, described, parent)
    if span is not tracing.NOTHING:
        request.span, request.traceparent = span, tracing.header_of(span)
    return span


def blamed(span: Span, trouble: Exception) -> None:
    """What the protocol forbids is no failure of ours."""
    if not isinstance(trouble, HTTPException):
        span.blame(trouble)


def concluded(span: Span, response: Response) -> None:
    span.note("http.response.status_code", int(response.status))
