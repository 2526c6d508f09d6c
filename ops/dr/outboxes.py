"""What was published shortly before a moment is published once more.

A broker that is lost had confirmed it, and perhaps nobody had handled it.  Who has is
not disturbed: handlers keep an inbox.
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from ops.dr.talking import talk

DATABASES = ("auth_service", "user_service", "order_service")
# Longer than anything waits in a queue whose service is well.
WINDOW = timedelta(minutes=5)
AGAIN = "UPDATE outbox SET published_at = NULL WHERE published_at > %s"


def publish_again(postgres: str, moment: datetime) -> int:
    """How many events will be."""
    since = moment - WINDOW
    return sum(forget(postgres, database, since) for database in DATABASES)


def forget(postgres: str, database: str, since: datetime) -> int:
    with talk(urlsplit(postgres)._replace(path=f"/{database}").geturl()) as cursor:
        cursor.execute(AGAIN, [since])
        return int(cursor.rowcount)
