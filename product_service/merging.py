"""JSON merge patches (RFC 7396)."""

from typing import Any


def merged(document: Any, patch: Any) -> Any:
    """What ``patch`` makes of ``document``: null takes away, the rest replaces."""
    if not isinstance(patch, dict):
        return patch
    known = document if isinstance(document, dict) else {}
    kept = {name: value for name, value in known.items() if name not in patch}
    given = {
        name: merged(known.get(name), value)
        for name, value in patch.items()
        if value is not None
    }
    return kept | given
