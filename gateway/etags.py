"""Entity tags: which version of a thing the client has, and which we have.

A tag is ``"<version>-<hash>"``, or ``"<hash>"`` where a body has no version; what
a body is coded with stands behind it: ``"3-5d41402abc4b2a76-gzip"``.
"""

import re
from hashlib import blake2b

HASH_BYTES = 8
TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
VERSIONED = re.compile(r"([0-9]{1,15})-[0-9a-f]{16}(-[a-z]+)?")


def etag(body: bytes, version: object = None) -> str:
    digest = blake2b(body, digest_size=HASH_BYTES).hexdigest()
    return f'"{version}-{digest}"' if isinstance(version, int) else f'"{digest}"'


def coded(tag: str, coding: str) -> str:
    """The tag of the same thing under a content coding."""
    return f'{tag[:-1]}-{coding}"'


def known(if_none_match: str, tag: str) -> bool:
    """Whether the client has what ``tag`` names (RFC 9110's weak comparison)."""
    if if_none_match.strip() == "*":
        return True
    return any(f'"{name}"' == tag for _, name in TAG.findall(if_none_match))


def version_in(if_match: str) -> int | None:
    """The version a client has seen; None when it names none of ours.

    Versions only grow, so of several that we gave the newest alone can still be
    right; next to one that we never gave, nothing is.  A weak tag never matches.
    """
    names = [name for weak, name in TAG.findall(if_match) if not weak]
    found = [VERSIONED.fullmatch(name) for name in names]
    return max((int(one[1]) for one in found if one), default=None)
