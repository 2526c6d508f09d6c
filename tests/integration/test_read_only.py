"""A server that takes no writes, as one that follows another or was fenced."""

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import OperationalError

from common.database import elsewhere, with_driver
from common.outages import OUTAGES

NOTE = "INSERT INTO inbox (consumer, event_id, at) VALUES ('nobody', 'nothing', now())"


def test_it_counts_as_away(stack):
    engine = create_engine(
        with_driver(stack.environment("order_service")["ORDER_DB_URI"])
    )
    event.listen(engine, "handle_error", elsewhere)

    with engine.connect() as database:
        database.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(OperationalError, match="read-only"):
            database.execute(text(NOTE))
    engine.dispose()

    assert OperationalError in OUTAGES
