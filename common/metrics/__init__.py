"""What a process counts: plain numbers while it works, metrics when they are read.

docs/metrics.md lists all of them.
"""

from nameko import config

from common.metrics.shown import watch

__all__ = ["is_on", "watch"]


def is_on() -> bool:
    """Whether this process counts at all: ``METRICS``, which YAML reads ``off`` of."""
    return config.get("METRICS", True) not in (False, "off")
