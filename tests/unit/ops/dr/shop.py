"""Two regions in memory: as much of their servers as a promotion asks for."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import psycopg2

from ops.dr.epoch import NONE, Epoch
from ops.dr.postgres import Condition
from ops.dr.regions import Region
from ops.errors import Problem

ELECTION = "MongoDB has no majority"


@dataclass
class Server:
    """A PostgreSQL.  ``silence`` is what comes instead of an answer."""

    is_replica: bool = True
    epoch: int = 1
    is_fenced: bool = True
    silence: str = ""
    told: set[int] = field(default_factory=set)


class Shop:
    """``then`` are things that happen before the step of a name."""

    def __init__(self) -> None:
        self.epoch = Epoch(1, "region-a", opened=True)
        self.servers = {"region-a": Server(is_replica=False), "region-b": Server()}
        self.then: dict[str, object] = {}
        self.done: list[str] = []
        self.regions = {n: Region(n, *["unused"] * 8) for n in self.servers}

    def __getitem__(self, name: str) -> Region:
        return self.regions[name]

    def beside(self, name: str) -> list[Region]:
        return [each for each in self.regions.values() if each.name != name]

    @contextmanager
    def catalogue(self) -> Iterator["Shop"]:
        yield self

    def reach(self, name: str) -> None:
        self.done.append(name)
        if happens := self.then.pop(name, None):
            happens()

    def lead(self, regions: "Shop", region: Region) -> None:
        self.reach("mongo")

    def current(self, client: "Shop") -> Epoch:
        return self.epoch

    def claim(self, client: "Shop", known: Epoch, name: str) -> Epoch:
        self.reach("claim")
        if known != self.epoch:
            raise Problem("somebody else")
        self.epoch = Epoch(known.number + 1, name)
        return self.epoch

    def note_opened(self, client: "Shop", mine: Epoch) -> None:
        if mine == self.epoch:
            self.epoch = replace(mine, opened=True)

    def condition(self, region: Region) -> Condition:
        found = self.servers[region.name]
        if found.silence:
            raise psycopg2.OperationalError(found.silence)
        told = found.is_fenced, found.epoch
        return Condition(found.is_replica, 1, "0/0", None, True, "", *told)

    def promote(self, region: Region) -> None:
        self.reach("postgres")
        self.servers[region.name].is_replica = False
        self.reach("opened")

    def write_down(self, region: Region, epoch: Epoch) -> None:
        self.servers[region.name].epoch = epoch.number

    def untold_since(self, region: Region, epoch: Epoch) -> str | None:
        known = self.servers[region.name].told
        return None if epoch.number in known else "then"

    def note_told(self, region: Region, epoch: Epoch) -> None:
        self.servers[region.name].told.add(epoch.number)

    def publish_again(self, uri: str, since: str) -> int:
        self.done.append("told again")
        return 7

    def work(self, region: Region) -> None:
        self.reach("broker")

    def ignore(self, *what: object) -> None:
        """Slots and Consul are of no weight here."""

    def stand_for(self, monkeypatch, module) -> None:  # type: ignore[no-untyped-def]
        """Be the servers that the ``module`` speaks to."""
        mine = {
            "mongo": {"lead": self.lead},
            "epoch": {
                "current": self.current,
                "claim": self.claim,
                "note_opened": self.note_opened,
                "NONE": NONE,
            },
            "postgres": {"condition": self.condition, "promote": self.promote},
            "journal": {
                "write_down": self.write_down,
                "untold_since": self.untold_since,
                "note_told": self.note_told,
            },
            "outboxes": {"publish_again": self.publish_again},
            "broker": {"work": self.work},
            "feeding": {"welcome": self.ignore},
            "consul": {"tell_who_is_there": self.ignore},
        }
        for part, does in mine.items():
            for name, what in does.items():
                monkeypatch.setattr(getattr(module, part), name, what)
