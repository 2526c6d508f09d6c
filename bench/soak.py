"""`python -m bench.soak`: keep the shop busy for a while, and see what adds up."""

import json
import subprocess
import sys
from threading import Event
from time import monotonic
from typing import Any

import click
import psutil

from bench import place
from bench.buying import Buying
from bench.identity import start
from bench.soak_report import Found, Memory, verdicts
from ops.errors import Problem
from ops.stack import install
from ops.stack.plan import Plan
from ops.stack.progress import tell
from ops.stack.roster import Roster
from ops.stack.settings import ROOT

MINUTES = 10.0
SAMPLE_SECONDS = 5.0


class Soak:
    """The whole shop as the local stack runs it, and visitors."""

    def __init__(self, plan: Plan, roster: Roster) -> None:
        self.plan, self.roster = plan, roster

    def last(self, seconds: float) -> Found:
        buying = Buying(self.plan.settings.gateway_url, self.plan.run_dir)
        asked = {
            "url": buying.url,
            "person": buying.person,
            "products": buying.products,
            "seconds": seconds,
        }
        before = self.pids()
        memory: Memory = []
        began = monotonic()
        with start("bench.soak_visitors", asked) as visitors:
            told = self.watch(visitors, memory, began)
        now = self.pids()
        restarts = [name for name, pid in before.items() if now.get(name) != pid]
        answers = [(at, took, status) for at, took, status in told["answers"]]
        return Found(
            answers, told["orders"], told["missing"], memory, self.audit(), restarts
        )

    def watch(
        self, visitors: subprocess.Popen[str], memory: Memory, began: float
    ) -> Any:
        """Look at the processes until the visitors are gone; what they tell."""
        while True:
            memory.append((monotonic() - began, self.sizes()))
            try:
                told, _ = visitors.communicate(timeout=SAMPLE_SECONDS)
            except subprocess.TimeoutExpired:
                continue
            if visitors.returncode:
                raise Problem("the visitors have failed")
            return json.loads(told)

    def pids(self) -> dict[str, int]:
        return {each["name"]: each["pid"] for each in self.roster.state.services}

    def sizes(self) -> dict[str, int]:
        return {
            name: psutil.Process(pid).memory_info().rss
            for name, pid in self.pids().items()
            if psutil.pid_exists(pid)
        }

    def audit(self) -> list[str]:
        """A line for each thing that does not add up."""
        done = subprocess.run(
            [sys.executable, "-m", "ops", "audit", "--json"],
            cwd=ROOT,
            check=False,
            capture_output=True,
            text=True,
        )
        if not done.stdout.strip():
            raise Problem(f"the audit has failed: {done.stderr.strip()}")
        return [
            f"{each['kind']} {each['subject']}"
            for each in json.loads(done.stdout)["violations"]
        ]


@click.command()
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.1, max=24 * 60),
    default=MINUTES,
    show_default=True,
    help="How long the shop is kept busy.",
)
def main(minutes: float) -> None:
    """Read and buy at a steady pace; exit code 1 when something has added up."""
    with place.private(parts=()) as plan:
        install.ensure(plan.servers)

        def soak(roster: Roster, _: Event) -> Found:
            tell(f"Reading and buying for {minutes:g} minutes")
            return Soak(plan, roster).last(60 * minutes)

        found = place.supervised(plan, soak)
    judged = list(verdicts(found))
    for each in judged:
        click.echo(each.line())
    if not all(each.met for each in judged):
        raise Problem("the soak has found something")


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except Problem as problem:
        problem.show()
        sys.exit(problem.exit_code)
