"""What HEALTHCHECK runs in a container: exit code 0 when its process can do its work.

The page on its internal port tells; that of the gateway's door tells of the shop.
"""

import os
import sys
from urllib.request import urlopen

SECONDS = 4.0


def own_page() -> str:
    port = os.environ["INTERNAL_ADDRESS"].rpartition(":")[2]
    return f"http://127.0.0.1:{port}/readyz"


def main(page: str | None = None) -> bool:
    with urlopen(page or own_page(), timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
        return bool(answer.read())


if __name__ == "__main__":
    try:
        sys.exit(not main(*sys.argv[1:]))
    except OSError as trouble:
        sys.exit(str(trouble))
