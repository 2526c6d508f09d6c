"""The load generator of the mix: one loop over many connections, in a process of
its own, so that what it costs is not the shop's.

``python -m bench.open_load HOST:PORT FILE --rate 500`` sends at random moments of that
rate, whatever the shop makes of it; without a rate, each connection sends again as soon
as it is answered.  It writes what it found as one line of JSON.
"""

import json
import select
import socket
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from time import monotonic

import click

from bench.arrivals import open_arrivals
from bench.shopping import KEY
from bench.tally import percentile
from common.ids import new_id

CHUNK = 1 << 16
# For answers that are under way at the end.
PATIENCE_SECONDS = 5.0
LONGEST_SLEEP = 0.05
GOOD = range(200, 300)
END_OF_HEAD, LENGTH = b"\r\n\r\n", b"content-length:"


class Connection:
    """One request at a time."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Without a kind, nothing is asked at the time.
        self.kind, self.due, self.got = "", 0.0, b""

    def send(self, kind: str, text: bytes, due: float) -> None:
        self.kind, self.due, self.got = kind, due, b""
        self.socket.sendall(text)

    def status(self) -> int | None:
        """Of an answer that is there as a whole; 0 when there will be none."""
        try:
            got = self.socket.recv(CHUNK)
        except OSError:
            got = b""
        self.got += got
        return status_of(self.got) if got else 0


def status_of(got: bytes) -> int | None:
    head = got.find(END_OF_HEAD)
    if head < 0:
        return None
    lower = got[:head].lower()
    at = lower.find(LENGTH)
    length = int(lower[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
    whole = head + len(END_OF_HEAD) + length
    return int(got[9:12]) if len(got) >= whole else None


class Load:
    def __init__(self, address: tuple[str, int], file: Path, most: int) -> None:
        self.address, self.most = address, most
        self.texts = cycle(list(read(file)))
        self.poll, self.open = select.epoll(), dict[int, Connection]()
        self.idle: deque[Connection] = deque()
        self.latencies: dict[str, list[float]] = defaultdict(list)
        self.errors: dict[str, Counter[int]] = defaultdict(Counter)
        self.key = new_id().encode()
        self.sent = 0

    def run_open(self, rate: float, seconds: float) -> None:
        began = monotonic()
        due = (began + moment for moment in open_arrivals(rate, seconds))
        backlog: deque[float] = deque()
        coming = next(due, None)
        end = began + seconds + PATIENCE_SECONDS
        while coming is not None or backlog or self.busy:
            now = monotonic()
            if now > end:
                break
            while coming is not None and coming <= now:
                backlog.append(coming)
                coming = next(due, None)
            while backlog and self.has_room:
                self.send(backlog.popleft())
            wait = LONGEST_SLEEP if coming is None else max(0.0, coming - monotonic())
            self.hear(min(wait, LONGEST_SLEEP))
        self.errors["never sent"][0] += len(backlog)

    def run_closed(self, seconds: float) -> None:
        end = monotonic() + seconds
        while (now := monotonic()) < end:
            # No more at once than there are clients: who is refused has room again.
            for _ in range(self.most - self.busy):
                self.send(now)
            self.hear(LONGEST_SLEEP)
        while self.busy and monotonic() < end + PATIENCE_SECONDS:
            self.hear(LONGEST_SLEEP)

    @property
    def busy(self) -> int:
        return len(self.open) - len(self.idle)

    @property
    def has_room(self) -> bool:
        return bool(self.idle) or len(self.open) < self.most

    def send(self, due: float) -> None:
        kind, text = next(self.texts)
        self.sent += 1
        try:
            connection = self.idle.popleft() if self.idle else self.connect()
        except OSError:
            self.count(kind, due, 0)
            return
        try:
            connection.send(kind, self.with_key(text), due)
        except OSError:
            self.done(connection, 0)

    def with_key(self, text: bytes) -> bytes:
        return text.replace(KEY.encode(), self.key + b"-%d" % self.sent, 1)

    def connect(self) -> Connection:
        connection = Connection(self.address)
        self.open[connection.socket.fileno()] = connection
        self.poll.register(connection.socket, select.EPOLLIN)
        return connection

    def hear(self, seconds: float) -> None:
        for number, _ in self.poll.poll(seconds):
            connection = self.open[number]
            status = connection.status()
            if not connection.kind:
                # The shop is tired of a connection on which nothing is asked.
                self.idle.remove(connection)
                self.close(connection)
            elif status is not None:
                self.done(connection, status)

    def done(self, connection: Connection, status: int) -> None:
        self.count(connection.kind, connection.due, status)
        connection.kind = ""
        if status:
            self.idle.append(connection)
        else:
            self.close(connection)

    def count(self, kind: str, due: float, status: int) -> None:
        """0 is the status of what got no answer."""
        self.latencies[kind].append(1000 * (monotonic() - due))
        if status not in GOOD:
            self.errors[kind][status] += 1

    def close(self, connection: Connection) -> None:
        del self.open[connection.socket.fileno()]
        connection.socket.close()

    def found(self, seconds: float) -> dict[str, object]:
        """Percentiles of each kind and of all, in milliseconds."""
        unanswered = self.busy + self.errors.pop("never sent", Counter())[0]
        every = [one for each in self.latencies.values() for one in each]
        return {
            "seconds": seconds,
            "unanswered": unanswered,
            "all": summary(every, sum(self.errors.values(), Counter())),
            "kinds": {
                kind: summary(each, self.errors[kind])
                for kind, each in sorted(self.latencies.items())
            },
        }


def summary(latencies: list[float], errors: Counter[int]) -> dict[str, object]:
    latencies.sort()
    marks = (
        {f"p{mark}": percentile(latencies, mark) for mark in (50, 90, 95, 99)}
        if latencies
        else {}
    )
    bad = {str(status): count for status, count in errors.items() if count}
    return {"requests": len(latencies), "errors": bad, **marks}


def read(file: Path) -> Iterator[tuple[str, bytes]]:
    with file.open() as lines:
        for line in lines:
            kind, text = json.loads(line)
            yield kind, text.encode()


@click.command()
@click.argument("address")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--rate", type=float, default=0.0)
@click.option("--seconds", type=float, default=10.0)
@click.option("--connections", type=int, default=256)
def main(
    address: str, file: Path, rate: float, seconds: float, connections: int
) -> None:
    """Load ADDRESS, a host and port, with the requests of FILE."""
    host, port = address.split(":")
    load = Load((host, int(port)), file, connections)
    if rate:
        load.run_open(rate, seconds)
    else:
        load.run_closed(seconds)
    click.echo(json.dumps(load.found(seconds)))


if __name__ == "__main__":
    main()
