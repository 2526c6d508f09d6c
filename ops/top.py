"""`shopnow top`: the shop at a glance, in a terminal."""

from threading import Event

import click
from rich.console import Console
from rich.live import Live

from ops import environment
from ops.console.command import gatherer, place
from ops.console.terminal import screen


@click.command()
@click.option("--once", is_flag=True, help="Show it once, after one interval.")
@click.option(
    "--every",
    metavar="SECONDS",
    type=click.FloatRange(min=0.2),
    default=2.0,
    show_default=True,
    help="How often to look.",
)
def top(once: bool, every: float) -> None:
    """Show what the ops page shows, until Ctrl-C.

    Rates and times are of the last minute, or since this was started.
    """
    environment.load("CONSUL_URI")
    look, pause, title = gatherer().look, Event(), f"ShopNow {place()}".strip()
    view = look()
    if once:
        # A rate takes two looks.
        pause.wait(every)
        Console().print(screen(look(), title))
        return
    try:
        with Live(screen(view, title), screen=True, auto_refresh=False) as live:
            while not pause.wait(every):
                live.update(screen(look(), title), refresh=True)
    except KeyboardInterrupt:
        return
