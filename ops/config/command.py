"""`shopnow config`: what may be changed while the shop runs."""

from datetime import datetime

import click

from common.live.keys import FOLDER, KEYS, key_of, value_in
from ops import environment
from ops.config import kv
from ops.config.taken import everywhere
from ops.errors import Problem
from ops.listing import Listing
from ops.registry.defaults import defaults

WIDTH = 80
ROW = "{:30}  {}"


@click.group(cls=Listing)
def config() -> None:
    """Show or change settings of the running shop, in every process at once.

    What is not set here is as configured when the process was started.
    """
    environment.load()


@config.command()
def keys() -> None:
    """List all that can be set, with an example and who uses it."""
    for key in KEYS:
        click.echo(ROW.format(key.name, key.example))
        click.echo(wrapped(f"{key.used_by}: {key.meaning}"))
        if key.names:
            word = key.name.rpartition("/")[2]
            click.echo(wrapped(f"{word}: {', '.join(key.names)}"))


@config.command()
@click.argument("key", required=False)
def get(key: str | None) -> None:
    """Show what is set; with KEY, the value of that alone."""
    _, found = kv.read()
    if key is None:
        show(found)
    elif key in found:
        click.echo(found[key])
    else:
        known(key)
        raise Problem(f"{key} is not set, so it is as configured")


@config.command("set")
@click.argument("key")
@click.argument("value")
def set_value(key: str, value: str) -> None:
    """Set KEY to VALUE, and wait until every process has it.

    VALUE is JSON or a bare word; what makes no sense is refused before it is written.
    """
    kv.write(key, value)
    click.echo(f"{key} is {value} {everywhere(key, value)}")


@config.command()
@click.argument("key")
def unset(key: str) -> None:
    """Go back to what is configured for KEY."""
    _, found = kv.read()
    if key not in found:
        known(key)
        raise Problem(f"{key} is not set")
    kv.remove(key)
    click.echo(f"{key} is as configured {everywhere(key, None)}")


@config.command()
def watch() -> None:
    """Show what is set, then each change as it comes, until Ctrl-C."""
    index, before = kv.read()
    show(before)
    while True:
        index, found = kv.read(index)
        for name in sorted(before.keys() | found.keys()):
            if before.get(name) != found.get(name):
                at = datetime.now().astimezone().strftime("%H:%M:%S")
                value = found.get(name, "as configured")
                click.echo(f"{at}  {name} is {value}")
        before = found


def wrapped(text: str) -> str:
    indent = "  "
    return click.wrap_text(text, WIDTH, indent, 2 * indent)


def show(found: dict[str, str]) -> None:
    shipped = defaults()
    for name, text in sorted(found.items()):
        is_shipped = shipped.get(FOLDER + name, {}).get("value") == value_in(text)
        click.echo(ROW.format(name, f"{text}  (as shipped)" if is_shipped else text))
    if not found:
        click.echo("nothing is set: all is as configured")


def known(name: str) -> None:
    """Raises ``Problem`` for a key that nobody uses."""
    try:
        key_of(name)
    except ValueError as wrong:
        raise Problem(str(wrong)) from None
