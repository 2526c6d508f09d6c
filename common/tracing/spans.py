"""Spans under way: plain records, cheaper than the SDK's own (decision 21)."""

from contextvars import ContextVar
from enum import IntEnum
from random import getrandbits
from time import time_ns
from types import TracebackType
from typing import Any

from common.errors import Refusal, Unavailable

Attributes = dict[str, Any]
CURRENT: ContextVar["Span | None"] = ContextVar("span", default=None)


class Kind(IntEnum):
    """As OpenTelemetry numbers them."""

    INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = range(5)


class Span:
    """A part of the work; with it, as a context manager, it is the current one.

    ``error`` is the type of what went wrong, or its code; never what it says.
    """

    __slots__ = (
        "_before",
        "_span_id",
        "attributes",
        "end",
        "error",
        "kind",
        "name",
        "sampled",
        "start",
        "trace_id",
    )
    trace_id: str
    sampled: bool
    parent_id: str | None
    # Whether its parent is in another process.
    is_first = False
    # The first span of its process, which may be itself.
    entry: Any

    def __init__(self, name: str, kind: Kind, attributes: Attributes | None) -> None:
        self.name, self.kind = name, kind
        self.attributes = {} if attributes is None else attributes
        self.error: str | None = None
        self._span_id: str | None = None
        self.end = 0
        self.start = time_ns()

    @property
    def span_id(self) -> str:
        """Made when somebody asks; most spans are dropped before."""
        if self._span_id is None:
            self._span_id = f"{getrandbits(64) or 1:016x}"
        return self._span_id

    def note(self, name: str, value: Any) -> None:
        self.attributes[name] = value

    def fail(self, trouble: BaseException | str) -> None:
        """It went wrong, and not as anybody expects: the trace is to be seen."""
        self.error = trouble if isinstance(trouble, str) else type(trouble).__name__
        self.entry.failed = True

    def blame(self, trouble: BaseException) -> None:
        """It ended with ``trouble``; of refusals only an outage is an error."""
        if not isinstance(trouble, Refusal):
            self.fail(trouble)
            return
        self.attributes["shopnow.outcome"] = trouble.code
        if isinstance(trouble, Unavailable):
            self.fail(trouble.code)

    def finish(self) -> None:
        self.end = max(time_ns(), self.start)
        self.entry.add(self)

    def __enter__(self) -> "Span":
        self._before = CURRENT.get()
        CURRENT.set(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        trouble: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        CURRENT.set(self._before)
        self._before = None
        if trouble is not None:
            self.blame(trouble)
        self.finish()
