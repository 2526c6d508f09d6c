"""A connection to a PostgreSQL that may be gone, or be cut off at any moment."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import make_dsn, parse_dsn

# Who is cut off in the middle of an answer is not waited for.
CONNECTION = {
    "connect_timeout": 2,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def spoken(uri: str, **other: str) -> tuple[str, dict[str, str]]:
    """``uri`` for a command line, which everybody may read, and the password beside it.

    ``other`` says what is another than in ``uri``; what is empty is left out.
    """
    words = parse_dsn(uri) | other
    password = words.pop("password", "")
    said = make_dsn(**{name: value for name, value in words.items() if value})
    return said, {"PGPASSWORD": password} if password else {}


@contextmanager
def talk(uri: str) -> Iterator[Any]:
    with closing(psycopg2.connect(uri, **CONNECTION)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
