"""The backing servers in Consul, so that it watches them too.

It sees whether a server takes connections.  One that stands still takes them as
well: that is told by the services whose work it stops.
"""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ops.http import call
from ops.stack.settings import ROOT

VARIABLES = {
    "rabbitmq": "AMQP_URI",
    "postgres": "ORDER_DB_URI",
    "mongodb": "PRODUCT_MONGO_URI",
    "redis": "REDIS_URI",
}


def register(uri: str, token: str, variables: Mapping[str, str]) -> None:
    """Those of `consul/services.json` that ``variables`` say the place of."""
    for entry in json.loads((ROOT / "consul/services.json").read_text())["services"]:
        if variable := variables.get(VARIABLES[entry["name"]]):
            call(
                "PUT",
                f"{uri}/v1/agent/service/register",
                placed(entry, variable),
                token=token,
            )


def placed(entry: dict[str, Any], uri: str) -> dict[str, Any]:
    """``entry`` at the host and port of ``uri``; its port is the usual one.

    Of a replica set it is the first member.
    """
    address = urlsplit(uri.partition(",")[0])
    host, port = address.hostname, address.port or entry["port"]
    # It was just seen at work; do not show it red until the first check.
    check = entry["check"] | {"tcp": f"{host}:{port}", "status": "passing"}
    return entry | {"address": host, "port": port, "check": check}


def forget(uri: str, master: str, node: str) -> None:
    """All who are registered on ``node``, and of whom its agent knows no more."""
    for service in call("GET", f"{uri}/v1/agent/services", token=master):
        call("PUT", f"{uri}/v1/agent/service/deregister/{service}", token=master)
    found = call("GET", f"{uri}/v1/catalog/node/{node}", token=master) or {}
    for service in found.get("Services", {}).keys() - {"consul"}:
        entry = {"Node": node, "ServiceID": service}
        call("PUT", f"{uri}/v1/catalog/deregister", entry, token=master)
