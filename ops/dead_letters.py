"""`shopnow dead-letters`: events that no try could handle, and what becomes of them.

Whoever takes a letter only borrows it: it is back in its place when the command
ends, unless it was acknowledged, which is done last.  So a command that is killed
loses nothing; it may have replayed a letter that is still there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from hashlib import sha256
from json import dumps
from typing import Any

import click
from amqp.exceptions import AMQPError
from kombu.exceptions import ChannelError

from common import json
from common.broker import confirming, settle
from common.dead_letters import PREFIX, send
from ops import environment
from ops.broker.definitions import DEAD
from ops.errors import Problem
from ops.listing import Listing

# An id, when, the handler and the error: 80 columns.
ROW = "{:8}  {:11}  {:40}  {}"
WHOLE = ("handler", "error", "reason", "tries", "failed_at")


class Letter:
    """A message in the dead letters, borrowed."""

    def __init__(self, message: Any) -> None:
        self.message, self.headers = message, message.headers or {}
        self.queue = message.delivery_info["routing_key"]

    @cached_property
    def event(self) -> dict[str, Any]:
        """Its envelope; empty where nobody can read it."""
        try:
            found = json.loads(self.message.body)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def id(self) -> str:
        """The same for the same event in the same queue."""
        cause = str(self.event.get("id") or self.message.body)
        return sha256(f"{self.queue}|{cause}".encode()).hexdigest()[:8]

    @property
    def handler(self) -> str:
        return self.queue.partition("--")[2] or self.queue

    @property
    def failure(self) -> dict[str, Any]:
        """What is known of it; less, where the broker gave it up by itself."""
        told = {key: self.headers.get(PREFIX + key.replace("_", "-")) for key in WHOLE}
        [death] = self.headers.get("x-death", [])[:1] or [{}]
        given_up = {"error": death.get("reason"), "failed_at": at(death.get("time"))}
        known = {name: value for name, value in told.items() if value is not None}
        return {"handler": self.handler} | given_up | known

    def is_named(self, name: str) -> bool:
        return name in (self.id, self.event.get("id"))


def at(time: Any) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time else ""


@click.group(cls=Listing)
def dead_letters() -> None:
    """List, show, replay or drop the events that no try could handle."""
    environment.load("AMQP_URI")


@dead_letters.command("list")
def list_letters() -> None:
    """Show each with its id, when it failed, where, and by what."""
    with desk() as (_, letters):
        rows = [row(letter) for letter in letters]
    if rows:
        click.echo(ROW.format("ID", "WHEN (UTC)", "HANDLER", "ERROR"))
    count = f"{len(rows)} dead letter{'' if len(rows) == 1 else 's'}"
    click.echo("\n".join([*rows, count]))


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
def show(letter_id: str) -> None:
    """Tell all of the letter ID, also whom it is about.

    ID is what the list says, or the id of the event.
    """
    with desk() as (_, letters):
        for letter in named(letters, letter_id):
            click.echo(whole(letter))


@dead_letters.command()
@click.argument("letter_id", metavar="[ID]", required=False)
@click.option("--all", "everything", is_flag=True, help="Replay them all.")
def replay(letter_id: str | None, everything: bool) -> None:
    """Hand the letter ID once more to the handler that failed.

    It is tried as often as any event, and comes back if that does not help.
    """
    if everything == (letter_id is not None):
        raise click.UsageError("say either ID or --all")
    with desk() as (connection, letters):
        wanted = named(letters, letter_id)
        left = [letter for letter in wanted if not hand_over(connection, letter)]
    if left:
        raise Problem("drop them, or start the service that has these queues")


@dead_letters.command()
@click.argument("letter_id", metavar="ID")
def drop(letter_id: str) -> None:
    """Forget the letter ID: nobody will ever handle its event."""
    with desk() as (_, letters):
        for letter in named(letters, letter_id):
            letter.message.ack()
            click.echo(f"{letter.id} dropped; {letter.handler} never handles it")


@contextmanager
def desk() -> Iterator[tuple[Any, list[Letter]]]:
    """All letters that nobody else has borrowed, and a connection to send them by."""
    settings = {"AMQP_URI": os.environ["AMQP_URI"]}
    settle(settings)
    try:
        with confirming(settings) as channel:
            yield channel.connection, list(borrowed(channel))
            # What was acknowledged is on its way before the connection ends.
            channel.close()
    except (AMQPError, OSError) as trouble:
        why = type(trouble).__name__
        raise Problem(f"the broker: {why}; does it run? make start") from None


def borrowed(channel: Any) -> Iterator[Letter]:
    while message := channel.basic_get(DEAD):
        yield Letter(channel.message_to_python(message))


def named(letters: list[Letter], name: str | None) -> list[Letter]:
    found = [one for one in letters if name is None or one.is_named(name)]
    if name is not None and not found:
        raise Problem(f"there is no dead letter {name}; shopnow dead-letters list")
    return found


def hand_over(connection: Any, letter: Letter) -> bool:
    """Whether the queue itself has it: no other handler has to hear it again."""
    # A channel for each, since one that was refused may confirm the wrong message.
    channel = connection.channel()
    try:
        send(channel, letter.message, "", letter.queue, {})
    except ChannelError:
        click.echo(f"{letter.id} stays: nobody listens to {letter.queue} any more")
        return False
    finally:
        channel.close()
    letter.message.ack()
    click.echo(f"{letter.id} replayed to {letter.handler}")
    return True


def row(letter: Letter) -> str:
    failure = letter.failure
    when = failure["failed_at"][5:16].replace("T", " ")
    handler, error = failure["handler"], failure["error"] or "?"
    return ROW.format(letter.id, when, handler[:40], error[:15]).rstrip()


def whole(letter: Letter) -> str:
    facts = {"id": letter.id, "queue": letter.queue} | letter.failure
    lines = [f"{name + ':':10} {value}" for name, value in facts.items() if value]
    body = dumps(letter.event, indent=2, ensure_ascii=False)
    return "\n".join([*lines, body if letter.event else repr(letter.message.body)])
