"""`python -m bench.identity`: what a crowd at the sign-in costs everybody else."""

import json
import subprocess
import sys
from time import monotonic
from typing import Any

import click

from bench import guesses, identity_report, machine, paths, place
from bench.identity_report import Findings
from common.ids import new_id
from ops.errors import Problem
from ops.http import pool
from ops.stack import install
from ops.stack.progress import tell
from ops.stack.settings import ROOT

SECONDS = 30
# Taken in turns, so that what else the machine does falls on both.
ROUNDS = 5
WARM_UP_SECONDS = 2
NEWCOMERS = 50
# An address that fails more often has to wait.
GUESSES_EACH = 4
CREATED, UNAUTHORIZED = 201, 401
PASSWORD = "correct horse battery"  # noqa: S105 - of people who exist for a minute


class Identity:
    """The whole shop at ``url``, as the local stack runs it."""

    def __init__(self, url: str) -> None:
        self.url = url
        found = paths.read_catalogue(url)
        self.reads = {"url": url, "paths": found.products + found.lists}
        tell(f"Signing {NEWCOMERS} people up")
        self.grants = [self.newcomer() for _ in range(NEWCOMERS)]

    def newcomer(self) -> dict[str, str]:
        email = f"{new_id()}@example.com"
        person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
        answer = self.post("/v1/users", person)
        if answer.status != CREATED:
            raise Problem(f"signing up: {answer.data!r}")
        return {"grant_type": "password", "email": email, "password": PASSWORD}

    def post(self, path: str, body: Any) -> Any:
        return pool.request("POST", self.url + path, json=body)

    def refuse(self, email: str) -> None:
        grant = {"grant_type": "password", "email": email, "password": "not the one"}
        answer = self.post("/v1/auth/tokens", grant)
        if answer.status != UNAUTHORIZED:
            raise Problem(f"guessing: {answer.data!r}")

    def measure(self, seconds: int) -> Findings:
        tell("Guessing passwords of people who are there and who are not")
        known = [grant["email"] for grant in self.grants] * GUESSES_EACH
        unknown = [f"{new_id()}@example.com" for _ in self.grants] * GUESSES_EACH
        guessed = guesses.guess(self.refuse, known, unknown)
        tell(f"Reading, alone and beside a hundred sign-ins, {ROUNDS} times each")
        self.read(WARM_UP_SECONDS)
        rounds = [self.round(seconds / ROUNDS) for _ in range(ROUNDS)]
        return Findings.of(rounds, guessed)

    def round(self, seconds: float) -> tuple[Any, Any, Any]:
        """What was read alone, what was read beside the crowd, and the crowd's own."""
        alone = self.read(seconds)
        crowd = {"url": self.url, "grants": self.grants, "seconds": seconds + 1}
        with start("bench.crowd", crowd) as storm:
            beside = self.read(seconds)
            return alone, beside, json.loads(storm.communicate()[0])

    def read(self, seconds: float) -> Any:
        with start("bench.readers", self.reads | {"seconds": seconds}) as readers:
            return json.loads(readers.communicate()[0])


def start(module: str, asked: Any) -> subprocess.Popen[str]:
    """A process of its own, so that ours keeps nobody waiting."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-m", module],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    if process.stdin:
        process.stdin.write(json.dumps(asked))
        process.stdin.close()
        process.stdin = None
    return process


@click.command()
@click.option(
    "--seconds",
    type=click.IntRange(1, 60),
    default=SECONDS,
    show_default=True,
    help="How long the catalogue is read alone, and as long beside the crowd.",
)
def main(seconds: int) -> None:
    """Measure the sign-in and write bench/results/identity.md.

    A shorter look is written to .run/bench/ instead.
    """
    began = monotonic()
    with place.private(parts=()) as plan:
        install.ensure(plan.servers)

        def measure(*_: Any) -> Findings:
            return Identity(plan.settings.gateway_url).measure(seconds)

        found = place.supervised(plan, measure)
    where = machine.seen({}) | {"Load": "two processes on the same machine"}
    identity_report.write(found, where, monotonic() - began, seconds >= SECONDS)


if __name__ == "__main__":
    main()
