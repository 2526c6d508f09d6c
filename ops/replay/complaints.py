"""What the operator is told one by one, and what is only counted."""

from collections.abc import Iterable, Iterator
from itertools import islice

MOST_TOLD = 20


def told(lines: Iterable[str], many: int) -> Iterator[str]:
    """As many of them as a person reads, and how many there are besides."""
    yield from islice(lines, MOST_TOLD)
    if many > MOST_TOLD:
        yield f"… and {many - MOST_TOLD:,} more"
