"""The processes of this run, written down as they come and go."""

from pathlib import Path
from threading import RLock

from ops.stack.child import Child, Command, end
from ops.stack.crew import Crew
from ops.stack.progress import step
from ops.stack.state import Phase, State


class Roster:
    def __init__(self, run_dir: Path, state: State) -> None:
        self.run_dir = run_dir
        self.state = state
        self.servers = Crew()
        self.crew = Crew()
        self.lock = RLock()

    def launch(self, command: Command) -> Child:
        with self.lock:
            child = self.servers.hire(command)
            self.save()
        return child

    def dismiss(self, child: Child) -> None:
        with self.lock:
            self.servers.dismiss(child)
            self.save()

    def hire(self, command: Command) -> None:
        self.crew.hire(command)
        self.save()

    def enter(self, phase: Phase) -> None:
        self.state.phase = phase
        self.save()

    def save(self) -> None:
        self.state.servers = self.servers.saved()
        self.state.services = self.crew.saved()
        self.state.write(self.run_dir)

    def tend(self) -> None:
        """Start again who has died; raise for a server that dies again and again."""
        changed = [crew.tend() for crew in (self.servers, self.crew)]
        if any(changed):
            self.save()
        self.servers.demand_steady()

    def end(self) -> None:
        end_in_order(self.crew.children, self.servers.children)


def end_in_order(services: list[Child], servers: list[Child]) -> None:
    """First those who use the servers, then these."""
    if services:
        with step("  services stopped"):
            end(services)
    # One by one: a broker that outlives its port mapper would start another.
    for server in reversed(servers):
        with step(f"  {server.name} stopped"):
            end([server])
