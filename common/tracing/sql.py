"""A span for each statement that SQLAlchemy has a database execute."""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Engine, event

from common.tracing.begin import current, span
from common.tracing.spans import Attributes, Kind

TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"?(\w+)', re.IGNORECASE)
OPERATION = re.compile(r"\s*(\w+)")


def trace_statements(engine: Engine) -> None:
    """What a statement was given is told to nobody."""
    event.listen(engine, "before_cursor_execute", begun)
    event.listen(engine, "after_cursor_execute", ended)
    event.listen(engine, "handle_error", failed)


def begun(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
    _, context, _ = more
    if current() is not None:
        name, described = summary(statement)
        context.span = span(name, Kind.CLIENT, described.copy())


def ended(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
    _, context, _ = more
    under_way = vars(context).pop("span", None)
    if under_way is not None:
        under_way.finish()


def failed(trouble: Any) -> None:
    """It may be one that somebody waits for, such as a key that is taken."""
    context = trouble.execution_context
    under_way = vars(context).pop("span", None) if context else None
    if under_way is not None:
        under_way.error = type(trouble.original_exception).__name__
        under_way.finish()


@lru_cache(1024)
def summary(statement: str) -> tuple[str, Attributes]:
    """``SELECT orders``, and what OpenTelemetry calls that."""
    operation = found.group(1).upper() if (found := OPERATION.match(statement)) else "?"
    described = {"db.system.name": "postgresql", "db.operation.name": operation}
    table = TABLE.search(statement)
    if table is None:
        return operation, described
    return f"{operation} {table.group(1)}", described | {
        "db.collection.name": table.group(1)
    }
