"""The orders database, for the commands that deal with money."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from common.money import Money


@contextmanager
def opened() -> Iterator[Session]:
    """One transaction in the orders database of ``ORDER_DB_URI``."""
    engine = create_engine(with_driver(os.environ["ORDER_DB_URI"]))
    try:
        with Session(engine) as session, session.begin():
            yield session
    finally:
        engine.dispose()


def in_words(money: Money) -> str:
    """``GBP 1,234.50``."""
    return f"{money.currency} {money.amount // 100:,}.{money.amount % 100:02}"
