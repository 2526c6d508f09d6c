"""The passwords of the local stack: random, made once, readable by its owner only."""

import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from pathlib import Path
from secrets import token_bytes, token_hex
from uuid import uuid4

ACCOUNTS = (
    "rabbitmq.admin",
    "rabbitmq.gateway",
    "rabbitmq.auth_service",
    "rabbitmq.user_service",
    "rabbitmq.product_service",
    "rabbitmq.order_service",
    "rabbitmq.operator",
    "postgres.admin",
    "postgres.auth_service",
    "postgres.user_service",
    "postgres.order_service",
    "mongo.admin",
    "mongo.product_service",
    "mongo.replica_set",
    "redis.default",
    "replay_secret",
)
# Consul knows its own by a form of their own.
TOKENS = (
    "consul.master",
    "consul.agent",
    "consul.operator",
    "consul.console",
    "consul.gateway",
    "consul.auth_service",
    "consul.user_service",
    "consul.product_service",
    "consul.order_service",
)


def load(run_dir: Path) -> Mapping[str, str]:
    """The secrets of this run directory, with what it lacks added."""
    file = run_dir / "secrets.json"
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    wanted = fresh() | known
    if wanted != known:
        write_private(file, json.dumps(wanted, indent=2))
    return wanted


def fresh() -> dict[str, str]:
    passwords = {name: token_hex(24) for name in ACCOUNTS}
    return (
        passwords
        | {name: str(uuid4()) for name in TOKENS}
        | {
            "signing_key_secret": fresh_key(),
            "field_keys": f"k1:{fresh_key()}",
        }
    )


def fresh_key() -> str:
    """32 bytes as Fernet and AES-GCM are told them."""
    return urlsafe_b64encode(token_bytes(32)).decode()


def write_private(file: Path, text: str) -> None:
    """Write ``text`` so that only the owner can ever have read it, all or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w") as stream:
        stream.write(text)
    draft.rename(file)
