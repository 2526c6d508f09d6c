"""The ops page as HTML: one answer holds it all, no script, nothing from elsewhere."""

from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ops.console import words
from ops.console.traces import Trace
from ops.console.view import Moment, Queue, Route, View

HERE = Path(__file__).parent
STYLE = (HERE / "templates/console.css").read_text()
HASH = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
SHOWN_ROUTES = 12
WIDTH, HEIGHT = 160, 36


class Page:
    """``trace_url`` is Jaeger's address, if there is one; ``place`` names the shop."""

    def __init__(
        self,
        place: str = "",
        trace_url: str = "",
        find: Callable[[str], Trace | None] = lambda trace_id: None,
    ) -> None:
        self.find = find
        self.trace_url = trace_url.rstrip("/")
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters |= {
            "duration": words.duration,
            "number": words.number,
            "percent": words.percent,
            "load": words.load,
            "memory": words.memory,
            "clock": words.clock,
        }
        self.templates.globals |= {
            "style": Markup(STYLE),  # noqa: S704 - a file of ours  # nosec B704
            "place": place,
            "trace_link": self.trace_link,
            "sparkline": sparkline,
        }

    def ops(self, view: View, everything: bool = False, is_held: bool = False) -> str:
        routes = view.routes if everything else worth_a_look(view.routes)
        return self.templates.get_template("ops.html").render(
            view=view,
            routes=routes,
            calls=view.calls if everything else worth_a_look(view.calls),
            queues=[q for q in view.queues if everything or not is_quiet(q)],
            breakers=[b for b in view.breakers if everything or not b.is_quiet],
            is_held=is_held,
            everything=everything,
            past=curves(view.past),
        )

    def trace(self, trace_id: str) -> str | None:
        if (trace := self.find(trace_id)) is None:
            return None
        began = datetime.fromtimestamp(trace.began, UTC)
        return self.templates.get_template("trace.html").render(
            trace=trace, began=began
        )

    def trace_link(self, trace_id: str) -> str:
        if self.trace_url:
            return f"{self.trace_url}/trace/{trace_id}"
        return f"/ops/traces/{trace_id}"


def worth_a_look(routes: list[Route]) -> list[Route]:
    """The busiest, and whoever fails."""
    return routes[:SHOWN_ROUTES] + [r for r in routes[SHOWN_ROUTES:] if r.failed]


def is_quiet(queue: Queue) -> bool:
    """Whether nobody has to see it: an event's queue through which nothing goes."""
    return queue.is_quiet and not queue.name.startswith("rpc-")


def curves(past: Iterable[Moment]) -> dict[str, list[float]]:
    past = list(past)
    return {
        "rate": [moment.rate for moment in past],
        "failed": [moment.failed for moment in past],
        "p99": [moment.p99 or 0.0 for moment in past],
    }


def sparkline(values: list[float], least: float = 0.0) -> str:
    """The points of a line that ends at the right, the newest last."""
    if len(values) < 2:  # noqa: PLR2004
        return ""
    top = max(*values, least) or 1.0
    step = WIDTH / (len(values) - 1)
    return " ".join(
        f"{place * step:.1f},{HEIGHT - 2 - (HEIGHT - 4) * value / top:.1f}"
        for place, value in enumerate(values)
    )
