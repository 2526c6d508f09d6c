"""Puts the broker's definitions together, and writes them where it reads them."""

import json
from pathlib import Path
from typing import Any

from common.dead_letters import DEAD_LETTERS
from ops.broker.parts import parts
from ops.broker.permissions import (
    OPERATOR,
    VHOST,
    exchanges,
    permissions,
    topic_permissions,
)
from ops.stack.settings import ROOT

FILE = ROOT / "rabbitmq/definitions.json"
DEAD = "dead-letters"


def build() -> dict[str, Any]:
    """As `POST /api/definitions` takes it, but for the passwords."""
    everybody = parts()
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            *({"name": part.name, "tags": ""} for part in everybody),
            {"name": OPERATOR, "tags": "monitoring"},
        ],
        "permissions": permissions(everybody),
        "topic_permissions": topic_permissions(everybody),
        "exchanges": [
            lasting(name, type="topic", internal=False) for name in exchanges(everybody)
        ],
        "queues": [lasting(DEAD, arguments={"x-queue-type": "quorum"})],
        "bindings": [
            {
                "source": DEAD_LETTERS,
                "vhost": VHOST,
                "destination": DEAD,
                "destination_type": "queue",
                "routing_key": "#",
                "arguments": {},
            }
        ],
    }


def lasting(name: str, **more: Any) -> dict[str, Any]:
    whole = {"name": name, "vhost": VHOST, "durable": True, "auto_delete": False}
    return whole | {"arguments": {}} | more


def text() -> str:
    """A line for each thing, so that a change is seen for what it is."""
    sections = [
        f'  "{name}": [\n    '
        + ",\n    ".join(json.dumps(row) for row in rows)
        + "\n  ]"
        for name, rows in build().items()
    ]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def write() -> Path:
    FILE.write_text(text())
    return FILE
