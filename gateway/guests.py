"""The cart of somebody who has not signed in: its token, in a header or a cookie.

Browsers keep the cookie, and no script can read it; whoever has no cookies sends
the header, which counts first.  The token says nothing of who that is.
"""

import re

from nameko import config

from gateway.request import VISIBLE, Request

HEADER = "Cart-Token"
COOKIE = "shopnow_cart"
DAYS = 30
AT_HOME = "Path=/v1; HttpOnly; SameSite=Lax"
BY_COOKIE = re.compile(rf"(?:^|;)\s*{COOKIE}=([^;\s]*)")


def guest_of(request: Request) -> str | None:
    """The token, which order_service gave and can tell from a forged one."""
    return request.given(HEADER.lower(), VISIBLE) or in_cookie(request)


def in_cookie(request: Request) -> str | None:
    found = BY_COOKIE.search(request.headers.get("cookie", ""))
    return found[1] if found and VISIBLE.fullmatch(found[1]) else None


def kept(token: str | None) -> dict[str, str]:
    """The headers by which a guest comes again; none without a token."""
    if token is None:
        return {}
    return {HEADER: token, "Set-Cookie": cookie(token, DAYS * 24 * 3600)}


def forgotten(request: Request) -> dict[str, str]:
    """The header after which a browser sends none, if it has sent one."""
    return {"Set-Cookie": cookie("", 0)} if in_cookie(request) else {}


def cookie(value: str, seconds: int) -> str:
    # As with Strict-Transport-Security: only where somebody speaks TLS for us.
    secure = "; Secure" if int(config.get("HSTS_SECONDS", 0)) else ""
    return f"{COOKIE}={value}; Max-Age={seconds}; {AT_HOME}{secure}"
