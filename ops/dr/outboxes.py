"""What was published shortly before a region was lost is published once more.

The lost broker had confirmed it, and perhaps nobody had handled it.  Who has is not
disturbed: handlers keep an inbox.
"""

from urllib.parse import urlsplit

from ops.dr.postgres import talk
from ops.dr.regions import Region

DATABASES = ("user_service", "order_service")
SECONDS = 300
AGAIN = """
    UPDATE outbox SET published_at = NULL
    WHERE published_at > now() - make_interval(secs => %s)
"""


def publish_again(region: Region, seconds: float = SECONDS) -> int:
    """How many events will be."""
    return sum(forget(region, database, seconds) for database in DATABASES)


def forget(region: Region, database: str, seconds: float) -> int:
    uri = urlsplit(region.postgres)._replace(path=f"/{database}").geturl()
    with talk(uri) as cursor:
        cursor.execute(AGAIN, [seconds])
        return int(cursor.rowcount)
