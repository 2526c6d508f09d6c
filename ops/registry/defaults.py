"""What Consul knows from the start: prepared queries, and keys that have a default."""

import json
from typing import Any

from ops.http import call
from ops.stack.settings import ROOT


def write_queries(uri: str, master: str) -> None:
    """A query for each service: its instances here, or those of the nearest region."""
    found = call("GET", f"{uri}/v1/query", token=master)
    known = {each["Name"]: each["ID"] for each in found}
    for file in sorted((ROOT / "consul/queries").glob("*.json")):
        query = json.loads(file.read_text())
        if existing := known.get(query["Name"]):
            call("PUT", f"{uri}/v1/query/{existing}", query, token=master)
        else:
            call("POST", f"{uri}/v1/query", query, token=master)


def write_defaults(uri: str, master: str) -> None:
    """What is set already stays."""
    for key, default in defaults().items():
        place = f"{uri}/v1/kv/{key}?cas=0"
        call("PUT", place, default["value"], token=master)


def defaults() -> dict[str, dict[str, Any]]:
    """``{key: {"value": ..., "about": one sentence}}``."""
    found: dict[str, dict[str, Any]] = json.loads((ROOT / "consul/kv.json").read_text())
    return found
