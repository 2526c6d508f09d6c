"""`shopnow grant`: the first admin, whom no other admin could make."""

import os

import click
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from common.clock import utc_now
from common.database import with_driver
from ops import environment
from ops.errors import Problem
from user_service.domain.account import Role
from user_service.storage.accounts import AccountRepository

GIVABLE = [role.value for role in Role if role is not Role.SELLER]


@click.command()
@click.argument("email")
@click.argument("role", type=click.Choice(GIVABLE))
def grant(email: str, role: str) -> None:
    """Give the account of EMAIL one ROLE more.

    A running shop heeds it with the next token.  The role of a seller comes with a
    shop, and roles are taken away by PUT /v1/users/{user_id}/roles.
    """
    environment.load("AUTH_DB_URI")
    engine = create_engine(with_driver(os.environ["AUTH_DB_URI"]))
    with Session(engine) as session, session.begin():
        roles = granted(AccountRepository(session), email.strip().lower(), Role(role))
    engine.dispose()
    click.echo(f"{email}: {', '.join(roles)}")


def granted(accounts: AccountRepository, email: str, role: Role) -> list[str]:
    known = accounts.find_by_email(email)
    if known is None:
        raise Problem(f"nobody has signed up as {email}")
    account = accounts.get(known.id)
    account.become(account.roles | {role})
    accounts.save(account, utc_now())
    return sorted(account.roles)
