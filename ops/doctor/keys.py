"""The keys: one that signs, and those that open what is sealed in the databases."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from sqlalchemy import select
from sqlalchemy.orm import Session

from common.resealing import CLEAR, SealedColumn
from common.sealing import Seal, Unopened
from ops.doctor.case import Case
from ops.doctor.databases import MIGRATE, opened
from ops.doctor.finding import Check, Finding, left_out, ok, problem, warning
from ops.reseal import PLACES
from user_service.domain.signing_key import State
from user_service.storage.keys import KeyRepository

# Of each column so many rows are opened, and put back as they were.
SAMPLE = 5
OLD = timedelta(days=120)


def signing_keys(case: Case) -> Iterator[Finding]:
    """Whether there is a key that signs, and SIGNING_KEY_SECRET opens all."""
    secret = case.variables.get("SIGNING_KEY_SECRET")
    if not secret:
        yield left_out("SIGNING_KEY_SECRET is not set")
        return
    engine, now = opened(case.variables["AUTH_DB_URI"]), datetime.now(UTC)
    try:
        with Session(engine) as session:
            keyring = KeyRepository(session, secret).keyring()
    except (InvalidToken, ValueError):
        told = "SIGNING_KEY_SECRET does not open them: nobody can sign in"
        yield problem(
            told, "put the earlier SIGNING_KEY_SECRET back; make stop; make start"
        )
        return
    finally:
        engine.dispose()
    if not keyring.keys:
        yield problem("there is none: nobody can sign in", MIGRATE)
        return
    signing, states = keyring.signing(now), keyring.states(now)
    age = now - signing.signs_at
    told = f"{signing.kid[:8]}… signs since {signing.signs_at:%Y-%m-%d}"
    if age > OLD:
        yield warning(f"{told}, for {age.days} days", "shopnow keys rotate")
    elif retired := [kid for kid, s in states.items() if s is State.RETIRED]:
        yield ok(f"{told}; {len(retired)} are out of date, and go at the next rotation")
    else:
        yield ok(told)


def field_keys(case: Case) -> Iterator[Finding]:
    """Whether FIELD_KEYS opens what is stored, and the first key has sealed it."""
    if not (keys := case.variables.get("FIELD_KEYS")):
        yield left_out("FIELD_KEYS is not set")
        return
    try:
        seal = Seal(keys)
    except ValueError as trouble:
        yield problem(str(trouble), "README.md, People's data")
        return
    rows = 0
    for variable, columns in PLACES.items():
        engine = opened(case.variables[variable])
        for column in columns:
            with Session(engine) as session:
                counts = column.counts(session)
                yield from column_under(column, counts, seal, session)
            rows += sum(counts.values())
        engine.dispose()
    yield ok(f"{rows} rows are sealed; {seal.first} seals")


def column_under(
    column: SealedColumn, counts: dict[str, int], seal: Seal, session: Session
) -> Iterator[Finding]:
    for key_id, rows in counts.items():
        restore = f"put the earlier {key_id}:… into FIELD_KEYS; make stop; make start"
        told = f"{column.name}: {rows} rows under {key_id or 'no key'}"
        if key_id not in {CLEAR, *seal.keys}:
            yield problem(
                f"{told}, which is not in FIELD_KEYS",
                restore,
            )
        elif not opens(column, key_id, seal, session):
            yield problem(
                f"{told} do not open: {key_id} is another key now",
                restore,
            )
        elif key_id != seal.first:
            yield warning(f"{told}, not {seal.first}", "shopnow reseal")


def opens(column: SealedColumn, key_id: str, seal: Seal, session: Session) -> bool:
    """Whether a few of them do; nothing of it is stored."""
    some: Any = select(column.table).where(column.key_id == key_id).limit(SAMPLE)
    try:
        with session.no_autoflush:
            for row in session.scalars(some):
                column.again(seal, row)
    except Unopened:
        return False
    finally:
        session.rollback()
    return True


CHECKS = (
    Check("signing keys", signing_keys, ("AUTH_DB_URI",)),
    Check("field keys", field_keys, ("USER_DB_URI", "ORDER_DB_URI")),
)
