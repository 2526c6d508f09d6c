"""Work that would hold up every other request runs in a native thread."""

from collections.abc import Callable
from typing import Any

from eventlet import tpool


def in_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Run ``work(*args)`` in a native thread while other requests go on."""
    return tpool.execute(work, *args)
