"""Where each region is, in a file that only the operator reads."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from ops import environment
from ops.errors import Problem
from ops.stack.secrets import write_private

FILE = "regions.json"
SELECTION_MS = 3000


@dataclass(frozen=True)
class Region:
    """``postgres`` and ``management`` are the administrator's; ``postgres`` names the
    database `postgres`.  ``follow`` is what a replica connects with, as libpq's words.
    """

    name: str
    postgres: str
    follow: str
    mongo: str
    management: str
    upstream: str
    consul: str
    consul_token: str
    gateway: str


def place() -> Path:
    """Of the file, if there is one."""
    return Path(os.environ.get("SHOPNOW_REGIONS", environment.run_dir() / FILE))


def are_told() -> bool:
    return "SHOPNOW_REGIONS" in os.environ or place().exists()


@dataclass(frozen=True)
class Regions:
    """``mongo`` is the administrator's URI of the replica set, with all its members."""

    mongo: str
    regions: Mapping[str, Region]

    def __getitem__(self, name: str) -> Region:
        if name not in self.regions:
            known = ", ".join(self.regions)
            raise Problem(f"there is no region {name}; there are {known}")
        return self.regions[name]

    def beside(self, name: str) -> list[Region]:
        return [each for each in self.regions.values() if each.name != self[name].name]

    def catalogue(self) -> MongoClient[Any]:
        return MongoClient(
            self.mongo, w="majority", serverSelectionTimeoutMS=SELECTION_MS
        )

    @classmethod
    def load(cls) -> "Regions":
        file = place()
        if not file.exists():
            raise Problem(f"{file} is not there; SHOPNOW_REGIONS says where it is")
        told = json.loads(file.read_text())
        found = {name: Region(**each) for name, each in told["regions"].items()}
        return cls(told["mongo"], found)

    def save(self, file: Path) -> None:
        write_private(file, json.dumps(asdict(self), indent=2))
