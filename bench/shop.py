"""Runs the processes of one variant after the other and watches what they use."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from threading import Event
from time import monotonic

from bench import cpu, wrk
from ops.errors import Problem
from ops.http import call
from ops.stack.child import Child, Command, end
from ops.stack.health import passing
from ops.stack.logs import Tail
from ops.stack.plan import Plan
from ops.stack.roster import Roster
from ops.stack.settings import ROOT

READY_SECONDS = 30.0
POLL_SECONDS = 0.02


class Shop:
    """Whatever it starts is on the roster, and ends with it in any case."""

    def __init__(self, plan: Plan, roster: Roster, stopping: Event) -> None:
        self.plan = plan
        self.roster = roster
        self.stopping = stopping
        self.children: list[Child] = []

    @contextmanager
    def running(self, commands: list[Command]) -> Iterator[list[Child]]:
        """Have these processes for a while."""
        mine = [self.roster.launch(command) for command in commands]
        self.children += mine
        try:
            yield mine
            must_live(mine)
        finally:
            self.dismiss(mine)

    def dismiss(self, children: list[Child]) -> None:
        # A stock client waits for ever for a service that has gone before it.
        for _, alike in groupby(reversed(children), role):
            end(gone := list(alike))
            for child in gone:
                self.children.remove(child)
                self.roster.dismiss(child)

    def await_passing(self, service: str, count: int) -> None:
        """Wait until Consul finds as many of them well as there should be."""
        consul = self.plan.variables["CONSUL_URI"]
        self.wait(lambda: passing(consul, service) == count, f"{count} {service}")

    def wait(
        self, done: Callable[[], bool], what: str, most: float = READY_SECONDS
    ) -> None:
        deadline = monotonic() + most
        while not done():
            must_live(self.children)
            if monotonic() > deadline:
                raise Problem(f"{what}: not there after {most:g} s")
            self.pause()

    def pause(self) -> None:
        if self.stopping.wait(POLL_SECONDS):
            raise Problem("stopped before everything was measured")

    def load(self, words: wrk.Words, most: float) -> str:
        """Run the load generator to its end; what it said."""
        log = self.plan.run_dir / "log/load.log"
        generator = self.roster.launch(Command("load", words, log, cwd=ROOT))
        try:
            self.wait(lambda: not generator.alive, "the end of the load", most)
        finally:
            end([generator])
            self.roster.dismiss(generator)
        return "\n".join(Tail(log, generator.log_start).lines())

    def cpu(self, group: Callable[[str], str] = cpu.group_of) -> cpu.Reading:
        """What all that runs here has used so far."""
        written = [*self.roster.state.servers, *self.roster.state.services]
        return cpu.read({each["pid"]: each["name"] for each in written}, group)

    def versions(self) -> dict[str, str]:
        servers = self.plan.all_servers
        overview = call("GET", f"{servers.rabbitmq.admin_uri}/api/overview")
        with servers.mongo.client() as mongo:
            return {
                "RabbitMQ": overview["rabbitmq_version"],
                "MongoDB": mongo.server_info()["version"],
            }


def role(child: Child) -> str:
    """Its name without the number of the process."""
    return child.name.partition(".")[0]


def must_live(children: list[Child]) -> None:
    for child in children:
        if not child.alive:
            raise Problem(child.obituary())
