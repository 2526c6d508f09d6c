"""One region's processes: started, stopped, and killed without a word."""

import os
import signal
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from time import monotonic, sleep

import psutil

from ops.errors import Problem
from ops.stack.child import Child, Command, end
from ops.stack.health import unhealthy
from ops.stack.plan import Plan
from ops.stack.server import Server
from ops.stack.settings import ROOT

READY_SECONDS = 90.0
POLL_SECONDS = 0.1


class Ground:
    """Nobody starts again what dies here: what is lost is lost."""

    def __init__(self, name: str, plan: Plan) -> None:
        self.name, self.plan = name, plan
        self.servers: dict[str, list[Child]] = {}
        self.services: list[Child] = []
        (plan.run_dir / "log").mkdir(parents=True, exist_ok=True)

    def start(self, servers: Iterable[Server]) -> None:
        """Side by side, and ready when this is over."""
        chosen = list(servers)
        with ThreadPoolExecutor(len(chosen)) as pool:
            list(pool.map(self.bring_up, chosen))

    def bring_up(self, server: Server) -> None:
        server.prepare()
        self.launch(server)
        server.provision(self.plan.variables)

    def start_again(self, servers: Iterable[Server]) -> None:
        """As they were left: what they are told to make is there already."""
        for server in servers:
            self.launch(server)

    def launch(self, server: Server) -> None:
        children = [Child.spawn(command) for command in server.commands()]
        self.servers[server.name] = children
        deadline = monotonic() + READY_SECONDS
        while not server.is_ready():
            dead = [child for child in children if not child.alive]
            if dead or monotonic() > deadline:
                why = (dead or children)[-1].last_words()
                raise Problem(f"{server.name} of {self.name} is not ready: {why}")
            sleep(POLL_SECONDS)

    def perform(self, verb: str) -> None:
        """One of our own commands, to its end."""
        child = Child.spawn(
            Command(
                name=verb,
                argv=[sys.executable, "-m", "ops", verb],
                log=self.plan.run_dir / f"log/{verb}.log",
                cwd=ROOT,
                environment=dict(os.environ) | self.plan.variables,
            )
        )
        while child.alive:
            sleep(POLL_SECONDS)
        if child.exit_code:
            raise Problem(child.obituary())

    def open(self) -> None:
        """Start the services, and wait until they are well."""
        mine = {"REGION": self.name}
        self.services = [
            Child.spawn(replace(each, environment={**each.environment, **mine}))
            for each in self.plan.service_commands()
        ]
        deadline = monotonic() + READY_SECONDS
        while late := self.unhealthy():
            if monotonic() > deadline:
                words = self.services[-1].last_words()
                raise Problem(f"{late[0]} of {self.name} is not healthy: {words}")
            sleep(POLL_SECONDS)

    def unhealthy(self) -> list[str]:
        uri, url = self.plan.variables["CONSUL_URI"], self.plan.settings.gateway_url
        return unhealthy(uri, url, self.plan.processes)

    @property
    def children(self) -> list[Child]:
        return [*self.services, *(c for each in self.servers.values() for c in each)]

    def stop(self, server: Server) -> None:
        end(self.servers.pop(server.name))

    def kill_server(self, name: str) -> None:
        """`kill -9` this one alone."""
        end_at_once(self.servers.pop(name))

    def adopt(self, server: Server, pid: int) -> None:
        """Know a process that somebody else has started in the place of ours."""
        [known] = self.servers[server.name]
        process = psutil.Process(pid)
        mine = replace(known, process=process, created=process.create_time())
        self.servers[server.name] = [mine]

    def kill(self) -> int:
        """`kill -9` all of it at once; how many processes that were."""
        count = end_at_once(self.children)
        self.servers, self.services = {}, []
        return count


def end_at_once(children: Iterable[Child]) -> int:
    found = {each for child in children for each in family(child)}
    for process in found:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGKILL)
    psutil.wait_procs(found, timeout=10)
    return len(found)


def family(child: Child) -> list[psutil.Process]:
    """With those that have made a session of their own, as PostgreSQL's do."""
    with suppress(psutil.NoSuchProcess):
        return [child.process, *child.process.children(recursive=True)]
    return []
