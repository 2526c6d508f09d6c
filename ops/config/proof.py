"""What only the services' configurations can tell of a value, before it is written."""

from typing import Any

import yaml

from common import json
from common.resilience.settings import read
from ops.environment import ROOT

CONFIGURATIONS = ("gateway", "order_service", "product_service", "user_service")


def prove(name: str, value: Any) -> None:
    """Raises ``ValueError`` for what contradicts the rest, or names no route."""
    folder, _, word = name.rpartition("/")
    if folder == "resilience":
        for service in CONFIGURATIONS:
            fits(service, word, value)
    if name == "deadlines/routes":
        for route in value.keys() - routes():
            raise ValueError(f"there is no route {route}")


def fits(service: str, target: str, value: Any) -> None:
    configuration = yaml.safe_load((ROOT / service / "config.yml").read_text())
    sections = configuration.get("RESILIENCE") or {}
    own = {**(sections.get(target) or {}), **value}
    try:
        read(target, {**sections, target: own})
    except ValueError as wrong:
        raise ValueError(f"with {service}/config.yml, {wrong}") from None


def routes() -> set[str]:
    paths = json.loads((ROOT / "gateway/openapi.json").read_bytes())["paths"]
    return {f"{method.upper()} {path}" for path in paths for method in paths[path]}
