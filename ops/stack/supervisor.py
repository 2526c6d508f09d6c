"""Keeps the stack running: from its start, through deaths, to the signal to stop."""

import signal
from collections.abc import Callable
from threading import Event

from ops.errors import Problem
from ops.stack.opening import Opening
from ops.stack.plan import Plan
from ops.stack.progress import tell, timed
from ops.stack.roster import Roster, end_in_order
from ops.stack.state import State, exclusive, this_process

TICK_SECONDS = 0.2
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.run_dir = plan.run_dir
        self.stopping = Event()
        state = State(supervisor=this_process(), addresses=plan.addresses())
        self.roster = Roster(plan.run_dir, state)

    def run(self, on_ready: Callable[[Roster], Callable[[], None]]) -> None:
        """Start, watch, stop.  What ``on_ready`` returns is called in between."""
        timed.set()
        with exclusive(self.run_dir):
            self.sweep()
            self.plan.demand_ports()
            for number in SIGNALS:
                signal.signal(number, lambda *_: self.stopping.set())
            try:
                self.open()
                self.watch(on_ready(self.roster))
            except Problem as problem:
                self.roster.state.problem = problem.message
                raise
            finally:
                self.close()

    def sweep(self) -> None:
        """End what a supervisor that was killed has left behind."""
        services, servers = State.read(self.run_dir).left_over()
        if services or servers:
            tell(f"Ending {len(services + servers)} processes of an interrupted run")
            end_in_order(services, servers)

    def open(self) -> None:
        (self.run_dir / "log").mkdir(exist_ok=True)
        self.roster.enter("starting")
        Opening(self.plan, self.roster, self.stopping).run()
        self.roster.enter("ready")

    def watch(self, attend: Callable[[], None]) -> None:
        while not self.stopping.wait(TICK_SECONDS):
            self.roster.tend()
            attend()

    def close(self) -> None:
        tell("Stopping")
        self.roster.enter("stopping")
        self.roster.end()
        self.roster.enter("failed" if self.roster.state.problem else "stopped")
