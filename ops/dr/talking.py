"""A connection to a PostgreSQL that may be gone, or be cut off at any moment."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2

# Who is cut off in the middle of an answer is not waited for.
CONNECTION = {
    "connect_timeout": 2,
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


@contextmanager
def talk(uri: str) -> Iterator[Any]:
    with closing(psycopg2.connect(uri, **CONNECTION)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor
