"""What a client must have read before it may change what others change too."""

from gateway import errors
from gateway.etags import version_in
from gateway.request import Request


def seen_version(request: Request) -> int:
    """The version named by If-Match; raises when there is none, or none of ours.

    ``*`` would match whatever there is, and so protects from nothing.
    """
    if_match = request.headers.get("if-match", "").strip()
    if not if_match or if_match == "*":
        raise errors.if_match_required()
    version = version_in(if_match)
    if version is None:
        raise errors.stale()
    return version
