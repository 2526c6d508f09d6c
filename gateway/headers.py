"""What every answer says about itself, beside what its route says."""

import time
from email.utils import formatdate
from functools import lru_cache

from gateway.request import Request
from gateway.response import Response

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}


def strict_transport(seconds: int) -> dict[str, str]:
    """For so long browsers come by HTTPS alone; 0 where nobody speaks TLS for us."""
    if not seconds:
        return {}
    return {"Strict-Transport-Security": f"max-age={seconds}; includeSubDomains"}


def identified(request: Request) -> dict[str, str]:
    """By what the request can be found again, here and elsewhere."""
    found = {"Date": http_date(int(time.time())), "X-Request-Id": request.request_id}
    if request.traceparent:
        found["traceparent"] = request.traceparent
    return found


def dressed(response: Response, more: dict[str, str], vary: str) -> Response:
    """``response`` with ``more`` headers; its own ones win."""
    headers = SECURITY_HEADERS | more | response.headers
    varies = [name for name in (response.headers.get("Vary"), vary) if name]
    if varies:
        headers["Vary"] = ", ".join(varies)
    return Response(response.body, response.status, headers, response.content_type)


@lru_cache(1)
def http_date(second: int) -> str:
    """``Sun, 22 Nov 2026 12:00:00 GMT``; the same for all answers of a second."""
    return formatdate(second, usegmt=True)
