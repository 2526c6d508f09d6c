"""What the operator has told the other servers: small, and kept as JSON."""

import json
from pathlib import Path
from typing import Any

from ops.http import call

BROKER, CONSUL = "rabbitmq.json", "consul.json"
FOLDER = "shopnow/"


def keep_definitions(management: str, target: Path) -> None:
    """Exchanges, queues, users: no message, and of passwords their hashes."""
    found = call("GET", f"{management}/api/definitions")
    (target / BROKER).write_text(json.dumps(found, indent=1))


def keep_settings(consul: str, token: str, target: Path) -> None:
    """What was changed while the shop runs."""
    found = call("GET", f"{consul}/v1/kv/{FOLDER}?recurse=true", token=token)
    kept = {each["Key"]: each["Value"] for each in found}
    (target / CONSUL).write_text(json.dumps(kept, indent=1))


def settings_in(source: Path) -> dict[str, Any]:
    """The values as Consul has them, in base 64."""
    kept: dict[str, Any] = json.loads((source / CONSUL).read_text())
    return kept
