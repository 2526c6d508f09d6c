"""Takes one measurement: load from outside, CPU time from inside."""

import json
from time import monotonic

from bench import paths, wrk
from bench.measurement import Measurement
from bench.shop import Shop
from bench.tally import BEGUN, ENDED
from ops.stack.child import Child, Command
from ops.stack.logs import Tail
from ops.stack.progress import tell

WARM_UP_SECONDS = 2
# For the load generator's own start and end.
MORE_SECONDS = 30.0
ANSWER_SECONDS = 5.0


class Meter:
    def __init__(self, shop: Shop, seconds: int) -> None:
        self.shop = shop
        self.seconds = seconds

    def http(self, title: str, url: str, lines: list[str], status: int) -> Measurement:
        """Ask for ``lines`` in turn, which should be answered with ``status``."""
        answered = self.settled(url, lines[0], status)
        note = "" if answered == status else f"answers {answered}, not {status}"
        file = paths.write(lines, self.shop.plan.run_dir / "paths")
        self.load(wrk.words(url, file, WARM_UP_SECONDS))
        before = self.shop.cpu()
        said = self.load(wrk.words(url, file, self.seconds))
        used = self.shop.cpu().since(before)
        return shown(Measurement(title, note=note, **used, **wrk.parse(said)))

    def load(self, words: wrk.Words) -> str:
        return self.shop.load(words, self.seconds + MORE_SECONDS)

    def settled(self, url: str, line: str, status: int) -> int:
        """How ``line`` is answered, when it has had some time to come right."""
        deadline = monotonic() + ANSWER_SECONDS
        while (answered := paths.status_of(url, line)) != status:
            if monotonic() > deadline:
                break
            self.shop.pause()
        return answered

    def echo(self, title: str, commands: list[Command]) -> Measurement:
        """Have a client ask a service, and tell when it begins and what it found."""
        with self.shop.running(commands) as (_, client):
            log = Tail(client.log, client.log_start)
            self.await_line(log, BEGUN, client)
            before = self.shop.cpu()
            found = json.loads(self.await_line(log, ENDED, client))
            used = self.shop.cpu().since(before)
        return shown(Measurement(title, **used, **found))

    def await_line(self, log: Tail, start: str, client: Child) -> str:
        """The rest of the line that starts so."""
        found: list[str] = []

        def is_there() -> bool:
            found.extend(line for line in log.lines() if line.startswith(start))
            return bool(found)

        self.shop.wait(is_there, f"{client.name}: {start}", self.seconds + MORE_SECONDS)
        return found[0].removeprefix(start)


def shown(measured: Measurement) -> Measurement:
    tell(measured.line())
    if trouble := measured.trouble():
        tell(f"  {trouble}")
    return measured
