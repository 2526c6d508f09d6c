"""What HEALTHCHECK runs in a container: exit code 0 when its process can do its work.

A page of ours tells for itself.  A service without pages has told Consul, whose check
is honest (`common/discovery.py`), so Consul is asked about the one in this container.
"""

import json
import os
import socket
import sys
from urllib.request import urlopen

SECONDS = 4.0


def read(url: str) -> bytes:
    with urlopen(url, timeout=SECONDS) as answer:  # noqa: S310  # nosec B310
        body: bytes = answer.read()
    return body


def is_passing(consul_uri: str, service: str) -> bool:
    checks = json.loads(read(f"{consul_uri}/v1/health/checks/{service}"))
    here = f"{service}-{socket.gethostname()}-"
    states = {
        check["Status"] for check in checks if check["ServiceID"].startswith(here)
    }
    return states == {"passing"}


def main(page: str | None = None) -> bool:
    if page is None:
        return is_passing(os.environ["CONSUL_URI"], os.environ["SERVICE"])
    return bool(read(page))


if __name__ == "__main__":
    try:
        sys.exit(not main(*sys.argv[1:]))
    except OSError as trouble:
        sys.exit(str(trouble))
