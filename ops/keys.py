"""`shopnow keys`: the keys that sign access tokens, and when each of them does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from common.database import with_driver
from common.ids import new_id
from common.schemas import iso
from ops import environment
from ops.errors import Problem
from ops.listing import Listing
from user_service.storage.keys import KeyRepository


@click.group(cls=Listing)
def keys() -> None:
    """List, rotate or revoke the keys that sign access tokens."""
    environment.load("AUTH_DB_URI", "SIGNING_KEY_SECRET")


@keys.command("list")
def list_keys() -> None:
    """Show each key, when it was made, and what it does."""
    with opened() as repository:
        show(repository)


@keys.command()
@click.option("--now", "at_once", is_flag=True, help="Sign with it at once.")
def rotate(at_once: bool) -> None:
    """Add the key that signs next.

    It signs in ten minutes, when everybody has seen it.  With --now, those who keep
    our public keys for longer than they should refuse tokens until they look again.
    """
    with opened() as repository:
        repository.rotate(new_id(), datetime.now(UTC), at_once)
        show(repository)


@keys.command()
@click.argument("kid")
def revoke(kid: str) -> None:
    """Take the key KID back, for when somebody else may have it.

    What it has signed counts no more within seconds: people carry on by their
    refresh tokens.  If it is the key that signs, another takes over at once.
    """
    with opened() as repository:
        try:
            repository.revoke(kid, new_id(), datetime.now(UTC))
        except KeyError:
            raise Problem(f"there is no key {kid}; shopnow keys list") from None
        show(repository)


@contextmanager
def opened() -> Iterator[KeyRepository]:
    engine = create_engine(with_driver(os.environ["AUTH_DB_URI"]))
    with Session(engine) as session, session.begin():
        yield KeyRepository(session, os.environ["SIGNING_KEY_SECRET"])
    engine.dispose()


def show(repository: KeyRepository) -> None:
    keyring = repository.keyring()
    states = keyring.states(datetime.now(UTC))
    for key in keyring.keys:
        click.echo(f"{key.kid}  {iso(key.created_at)}  {states[key.kid]}")
