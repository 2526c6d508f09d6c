"""What there is to see as tables for a terminal, of 80 columns at the least."""

from collections.abc import Iterable, Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ops.console.findings import LATE_LOOP_SECONDS, LONG_QUEUE, SLOW_SECONDS
from ops.console.page import is_quiet, worth_a_look
from ops.console.view import Failure, Finding, Instance, Queue, Route, View
from ops.console.words import clock, duration, load, memory, number, percent

SIGNS = {"problem": ("✕ ", "red"), "warning": ("▲ ", "yellow")}
STATES = {"passing": ("● ", "green"), "warning": ("▲ ", "yellow")}
MOST_FINDINGS, MOST_ERRORS = 8, 5


def screen(view: View, title: str) -> RenderableType:
    """What matters most comes first: a low terminal shows less."""
    return Group(*parts(view, title))


def parts(view: View, title: str) -> Iterator[RenderableType]:
    yield Text.assemble((title, "bold"), f"  {clock(view.at)} UTC  ", gist(view))
    yield findings(view.findings)
    yield Text()
    yield instances(one for one in view.instances if one.is_ours)
    yield servers(one for one in view.instances if not one.is_ours)
    if view.routes:
        yield Text()
        yield routes(worth_a_look(view.routes))
    if busy := [queue for queue in view.queues if not is_quiet(queue)]:
        yield Text()
        yield queues(busy)
    if view.errors:
        yield Text()
        yield errors(view.errors[:MOST_ERRORS])


def gist(view: View) -> str:
    total = view.total
    words = [
        f"{number(total.rate if total else 0)} requests/s",
        f"{percent(total.share_failed if total else 0)} failed",
        f"p99 {duration(total.p99 if total else None)}",
    ]
    return ", ".join(words)


def findings(found: list[Finding]) -> Table:
    made = Table.grid()
    made.add_column(width=2)
    for one in found[:MOST_FINDINGS]:
        made.add_row(Text(*SIGNS[one.level]), one.text)
    if rest := found[MOST_FINDINGS:]:
        made.add_row("", f"and {len(rest)} more")
    if not found:
        made.add_row(Text(*STATES["passing"]), "all is well")
    return made


def instances(rows: Iterable[Instance]) -> Table:
    made = table("service", "pid", "up", "CPU", "memory", "loop lag", "version")
    for one in rows:
        made.add_row(
            stated(one),
            one.pid,
            duration(one.uptime),
            load(one.cpu),
            memory(one.memory),
            marked(duration(one.lag), (one.lag or 0) > LATE_LOOP_SECONDS),
            one.version,
        )
    return made


def servers(rows: Iterable[Instance]) -> Text:
    return Text("  ").join(stated(one) for one in rows)


def stated(one: Instance) -> Text:
    return Text.assemble(STATES.get(one.state, SIGNS["problem"]), one.service)


def routes(rows: Iterable[Route]) -> Table:
    made = table("route", "per s", "failed", "p50", "p99")
    for one in rows:
        made.add_row(
            one.name,
            number(one.rate),
            marked(percent(one.share_failed), one.failed > 0),
            duration(one.p50),
            marked(duration(one.p99), (one.p99 or 0) > SLOW_SECONDS),
        )
    return made


def queues(rows: Iterable[Queue]) -> Table:
    made = table("queue", "ready", "at work", "takers", "per s")
    for one in rows:
        made.add_row(
            one.name,
            marked(number(one.ready), one.ready > LONG_QUEUE),
            number(one.unacked),
            marked(str(one.consumers), bool(one.ready and not one.consumers)),
            number(one.rate),
        )
    return made


def errors(rows: Iterable[Failure]) -> Table:
    made = Table.grid(padding=(0, 2, 0, 0), expand=True)
    made.add_column(no_wrap=True)
    made.add_column(no_wrap=True)
    made.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    for one in rows:
        said = " ".join(
            filter(None, (one.entrypoint, one.message, one.outcome, one.exception))
        )
        made.add_row(clock(one.time), one.service, Text(said, "red"))
    return made


def table(first: str, *columns: str) -> Table:
    """The first one gives way where it is narrow, and the numbers stay."""
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, expand=True)
    made.add_column(first, ratio=1, no_wrap=True, overflow="ellipsis")
    for name in columns:
        made.add_column(name, justify="right", no_wrap=True)
    return made


def marked(text: str, is_bad: bool) -> Text:
    return Text(text, "bold red" if is_bad else "")
