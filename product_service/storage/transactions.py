"""Changes to several documents, all or none."""

from collections.abc import Callable
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import PyMongoError

from common.errors import service_unavailable


def transact(database: Database, work: Callable[[ClientSession], Any]) -> Any:
    """What ``work`` gives, run in a transaction until nobody is in its way.

    Raises ``Unavailable`` when somebody was for too long.
    """
    with database.client.start_session() as session:
        try:
            return session.with_transaction(work)
        except PyMongoError as error:
            if error.has_error_label("TransientTransactionError"):
                raise service_unavailable() from None
            raise
