"""How spans begin, and which one is under way."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from common.tracing.context import Parent, header_of
from common.tracing.entries import Entry, Part
from common.tracing.spans import CURRENT, Attributes, Kind, Span
from common.tracing.tracer import TRACER


class Nothing(Span):
    """Stands for a span where nothing is recorded."""

    __slots__ = ()

    def __init__(self) -> None:
        """There is nothing to tell."""

    def note(self, name: str, value: Any) -> None: ...
    def fail(self, trouble: BaseException | str) -> None: ...
    def blame(self, trouble: BaseException) -> None: ...
    def finish(self) -> None: ...

    def __enter__(self) -> "Nothing":
        return self

    def __exit__(self, *outcome: object) -> None: ...


NOTHING = Nothing()


def current() -> Span | None:
    """The span under way in this greenlet; None where nothing is recorded."""
    return CURRENT.get()


def here() -> str | None:
    """The ``traceparent`` to store with what somebody will go on with later."""
    span = CURRENT.get()
    return None if span is None else header_of(span)


def entry(
    name: str,
    kind: Kind = Kind.SERVER,
    attributes: Attributes | None = None,
    parent: Parent | None = None,
    idle: bool = False,
) -> Span:
    """What this process begins to do for ``parent``, or by itself."""
    return NOTHING if TRACER.off else Entry(name, kind, attributes, parent, idle)


def span(
    name: str, kind: Kind = Kind.INTERNAL, attributes: Attributes | None = None
) -> Span:
    """A part of what is under way here; nothing is recorded outside of an entry."""
    parent = CURRENT.get()
    return NOTHING if parent is None else Part(name, kind, attributes, parent)


@contextmanager
def under(span: Span | None) -> Iterator[Span]:
    """Go on with ``span`` in another greenlet; who began it says how it ended."""
    before = CURRENT.get()
    CURRENT.set(None if span is NOTHING else span)
    try:
        yield NOTHING
    finally:
        CURRENT.set(before)
