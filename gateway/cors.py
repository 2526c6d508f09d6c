"""Which other sites' pages may use the shop from a browser."""

from collections.abc import Collection, Iterable

ALLOWED_HEADERS = (
    "Authorization, Cart-Token, Content-Type, Idempotency-Key, If-Match, "
    "If-None-Match, X-Request-Id, traceparent"
)
EXPOSED_HEADERS = (
    "Cart-Token, ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, "
    "Retry-After, WWW-Authenticate, X-Request-Id, traceparent"
)
PREFLIGHT_SECONDS = 600


class Cors:
    """``origins`` are exact, such as ``https://shop.example``; none means nobody.

    Tokens of people travel in ``Authorization`` and never in a cookie, so no answer
    allows credentials; the one cookie, of a guest's cart, is for our own pages.
    """

    def __init__(self, origins: Iterable[str]) -> None:
        self.origins = frozenset(origins)

    @property
    def vary(self) -> str:
        return "Origin" if self.origins else ""

    def headers(self, origin: str) -> dict[str, str]:
        """What an answer to ``origin`` says."""
        if origin not in self.origins:
            return {}
        return {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": EXPOSED_HEADERS,
        }

    def preflight(
        self, origin: str, wanted: str, methods: Collection[str]
    ) -> dict[str, str]:
        """What the answer says to a page that asks before it sends ``wanted``."""
        if origin not in self.origins or not wanted:
            return {}
        return {
            "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
            "Access-Control-Allow-Headers": ALLOWED_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }


def origins_in(text: str) -> list[str]:
    """Of a list as an environment variable holds it; a wildcard is none."""
    return [origin for origin in text.replace(",", " ").split() if origin != "*"]
