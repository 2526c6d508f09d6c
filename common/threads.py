"""Work that would hold up every other request runs in a native thread."""

import os
from collections.abc import Callable
from typing import Any

from eventlet import tpool

# As many as can run at once; more would only hold more memory.
tpool.set_num_threads(os.cpu_count() or 2)


def in_thread(work: Callable[..., Any], *args: Any) -> Any:
    """Run ``work(*args)`` in a native thread while other requests go on."""
    return tpool.execute(work, *args)
