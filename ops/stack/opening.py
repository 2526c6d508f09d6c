"""Opens the shop: servers first, then their data, then the services."""

import os
import sys
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from threading import Event
from time import monotonic

from amqp.exceptions import AMQPError

from ops.errors import Problem
from ops.http import answers
from ops.stack.child import Child, Command
from ops.stack.health import unhealthy
from ops.stack.plan import Plan
from ops.stack.progress import step, tell
from ops.stack.roster import Roster
from ops.stack.server import Server
from ops.stack.servers import rabbitmq
from ops.stack.settings import ROOT

READY_SECONDS = 60.0
POLL_SECONDS = 0.1


class Interrupted(Problem):
    def __init__(self) -> None:
        super().__init__("stopped before it was ready")


class Opening:
    def __init__(self, plan: Plan, roster: Roster, stopping: Event) -> None:
        self.plan = plan
        self.roster = roster
        self.stopping = stopping

    def run(self) -> None:
        self.start_servers()
        self.plan.write_environment()
        if self.plan.services:
            self.prepare_data()
        if self.plan.services or self.plan.has_console:
            self.start_services()

    def start_servers(self) -> None:
        servers = self.plan.servers
        self.plan.all_servers.certify()
        if servers:
            tell(f"Starting {', '.join(server.name for server in servers)}")
            with ThreadPoolExecutor(len(servers)) as pool:
                jobs = [pool.submit(self.bring_up, server) for server in servers]
                if any(
                    job.exception() for job in wait(jobs, None, FIRST_EXCEPTION).done
                ):
                    self.stopping.set()
            raise_first([job.exception() for job in jobs])
            for server in servers:
                server.meet(self.plan.variables)

    def bring_up(self, server: Server) -> None:
        try:
            with step(f"  {server.name} is ready on port {server.port}"):
                server.prepare()
                children = [self.roster.launch(each) for each in server.commands()]
                self.await_ready(server, children)
                server.provision(self.plan.variables)
        except Problem:
            raise
        except Exception as trouble:
            # Whatever a driver has to say, the operator gets one line.
            first = str(trouble).partition("\n")[0]
            raise Problem(f"{server.name} cannot be set up: {first}") from trouble

    def await_ready(self, server: Server, children: list[Child]) -> None:
        deadline = monotonic() + READY_SECONDS
        while not server.is_ready():
            for child in children:
                if not child.alive:
                    raise Problem(child.obituary())
            if monotonic() > deadline:
                words = children[-1].last_words()
                raise Problem(f"{server.name} is not ready after a minute: {words}")
            self.pause()

    def prepare_data(self) -> None:
        if broker := self.plan.settings.given.get("AMQP_URI"):
            with step("Laid out the broker's exchanges"):
                self.lay_out(broker)
        with step("Migrated the databases"):
            self.perform("migrate")
        seeded = self.plan.run_dir / "seeded"
        if not seeded.exists():
            with step("Seeded the demo catalogue"):
                self.perform("seed")
                seeded.touch()

    def lay_out(self, broker: str) -> None:
        try:
            rabbitmq.lay_out(broker)
        except (AMQPError, OSError) as trouble:
            raise Problem(f"AMQP_URI: it cannot be laid out: {trouble}") from None

    def perform(self, verb: str) -> None:
        """Run one of our own commands to its end."""
        command = Command(
            name=verb,
            argv=[sys.executable, "-m", "ops", verb],
            log=self.plan.run_dir / f"log/{verb}.log",
            cwd=ROOT,
            environment=dict(os.environ) | self.plan.variables,
        )
        child = self.roster.launch(command)
        while child.alive:
            self.pause()
        self.roster.dismiss(child)
        if child.exit_code:
            raise Problem(child.obituary())

    def start_services(self) -> None:
        with step("All services are healthy"):
            for command in self.plan.service_commands():
                self.roster.hire(command)
            deadline = monotonic() + READY_SECONDS
            while late := self.unhealthy():
                self.roster.tend()
                self.roster.crew.demand_steady()
                if monotonic() > deadline:
                    words = self.roster.crew.last_words(late[0])
                    raise Problem(f"{late[0]} is not healthy after a minute: {words}")
                self.pause()

    def unhealthy(self) -> list[str]:
        consul, gateway = (
            self.plan.variables["CONSUL_URI"],
            self.plan.settings.gateway_url,
        )
        late = unhealthy(consul, gateway, self.plan.processes)
        if self.plan.has_console and not answers(self.plan.console_health):
            late.append("console")
        return late

    def pause(self) -> None:
        if self.stopping.wait(POLL_SECONDS):
            raise Interrupted


def raise_first(troubles: list[BaseException | None]) -> None:
    """Raise the one that made the others give up."""
    real = [trouble for trouble in troubles if trouble]
    for trouble in sorted(real, key=lambda each: isinstance(each, Interrupted)):
        raise trouble
