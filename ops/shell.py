"""The Nameko shell, whose own banner would show the broker's password."""

import ast
import os
import sys
from functools import partial
from traceback import print_exception
from typing import Any
from urllib.parse import urlsplit

from amqp.exceptions import AMQPError
from nameko import config
from nameko.cli.shell import ShellRunner, make_nameko_helper
from nameko.cli.utils import setup_config

from common.broker import settle
from common.errors import Refusal
from common.identity import AUTH_TOKEN
from ops.errors import Problem
from ops.stack.given import KINDS, trouble_with
from ops.stack.settings import ROOT

CONFIG = ROOT / "ops/shell.yml"


def run(code: str | None) -> None:
    """Ask for code until there is no more of it; or run ``code``."""
    uri = os.environ["AMQP_URI"]
    helper = connect(uri)
    try:
        if code is None:
            ShellRunner(banner(uri), {"n": helper}).start_shell(None)
        else:
            perform(code, {"n": helper})
    finally:
        helper.disconnect()


def connect(uri: str) -> Any:
    if trouble := trouble_with(uri, KINDS["AMQP_URI"]):
        raise Problem(f"AMQP_URI: {trouble}; nothing runs here; make start")
    with CONFIG.open() as file:
        setup_config(file)
    settle(config)
    try:
        helper = make_nameko_helper()
    except (AMQPError, OSError) as trouble:
        raise Problem(f"the broker at {place(uri)} refuses: {trouble}") from None
    helper.sign_in = partial(sign_in, helper.rpc)
    return helper


def sign_in(rpc: Any, email: str, password: str) -> None:
    """Make what follows as this person, whom the services look for in the token."""
    grant = {"grant_type": "password", "email": email, "password": password}
    issued = rpc.auth_service.issue_tokens(draft=grant)
    rpc.context_data[AUTH_TOKEN] = issued["access_token"]


def perform(code: str, local: dict[str, Any]) -> None:
    """As if it was typed in: the values of expressions are shown, and nothing else."""
    try:
        typed = compile(ast.Interactive(ast.parse(code, "-c").body), "-c", "single")
    except SyntaxError as trouble:
        print_exception(trouble.with_traceback(None))
        sys.exit(1)
    try:
        exec(typed, local)  # noqa: S102  # nosec B102
    except Refusal as refusal:
        # An answer that has come from elsewhere: the way to it says nothing.
        kind = type(refusal).__name__
        raise Problem(f"{kind} ({refusal.code}): {refusal}") from None
    except Exception as trouble:
        within = trouble.__traceback__ and trouble.__traceback__.tb_next
        print_exception(trouble.with_traceback(within))
        sys.exit(1)


def banner(uri: str) -> str:
    return f"Nameko shell on {place(uri)}: n.rpc.product_service.list_categories()"


def place(uri: str) -> str:
    """Where the broker is, and nothing of who we are there."""
    address = urlsplit(uri)
    return f"{address.netloc.rpartition('@')[2]}{address.path}"
