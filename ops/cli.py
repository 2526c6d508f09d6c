"""`shopnow`: the operator's commands."""

import warnings
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from ops import environment
from ops.errors import Problem
from ops.listing import Listing

# The decision records tell of eventlet's future; not every command has to.
warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

# Each is imported when it is asked for: who looks at the status need not load Alembic.
ELSEWHERE = {
    "audit": "ops.audit.command",
    "backup": "ops.backup.command",
    "dead-letters": "ops.dead_letters",
    "deploy": "ops.delivery.command",
    "doctor": "ops.doctor.command",
    "chaos": "ops.config.chaos",
    "compatibility": "ops.compatibility.command",
    "config": "ops.config.command",
    "commissions": "ops.commissions",
    "console": "ops.console.command",
    "dora": "ops.delivery.dora",
    "dr": "ops.dr.command",
    "grant": "ops.grant",
    "keys": "ops.keys",
    "logs": "ops.logs",
    "migrations": "ops.schema_changes.command",
    "smoke": "ops.delivery.smoke",
    "stack": "ops.stack.commands",
    "certificates": "ops.certificates",
    "payouts": "ops.payouts",
    "provision": "ops.provision",
    "replay": "ops.replay.command",
    "restore": "ops.backup.command",
    "retention": "ops.retention",
    "trace": "ops.trace.command",
    "top": "ops.top",
}
UNREACHABLE = ("OperationalError", "ServerSelectionTimeoutError")
DATABASES = ("AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI", "PRODUCT_MONGO_URI")


class Commands(Listing):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module = import_module(ELSEWHERE[cmd_name])
        command: click.Command = getattr(module, cmd_name.replace("-", "_"))
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as wrong:
            [nearest] = get_close_matches(args[0], self.list_commands(ctx), 1) or [""]
            meant = f" Did you mean {nearest}?" if nearest else ""
            raise click.UsageError(f"{wrong.message}{meant}", ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except Exception as trouble:
            # By name, so that not every command has to load the drivers.
            if type(trouble).__name__ in UNREACHABLE:
                why = str(getattr(trouble, "orig", trouble)).splitlines()[0]
                # MongoDB's driver goes on to tell all that it knows.
                why = why.partition(" (configured timeouts")[0]
                advice = "does it run? make start, or shopnow doctor"
                raise Problem(f"{why}; {advice}") from None
            raise


@click.group(cls=Commands)
def main() -> None:
    """Operate ShopNow."""


@main.command()
def migrate() -> None:
    """Bring every database to what the code expects."""
    environment.load(*DATABASES, "SIGNING_KEY_SECRET", "FIELD_KEYS")
    import_module("ops.migrate").run()


@main.command()
@click.argument("database", type=click.Choice(["auth", "users", "orders"]))
@click.argument("message")
def revise(database: str, message: str) -> None:
    """Write the migration that takes DATABASE from its head to the models."""
    environment.load(*DATABASES)
    import_module("ops.migrate").revise(database, message)


@main.command()
def seed() -> None:
    """Fill the demo catalogue and make the demo accounts."""
    environment.load("AUTH_DB_URI", "USER_DB_URI", "PRODUCT_MONGO_URI")
    import_module("ops.seed").run()


@main.command()
def reseal() -> None:
    """Seal people's data under the first of FIELD_KEYS, while the shop runs."""
    environment.load("USER_DB_URI", "ORDER_DB_URI", "FIELD_KEYS")
    import_module("ops.reseal").run()


@main.command()
def openapi() -> None:
    """Write gateway/openapi.json from the routes and the schemas."""
    click.echo(import_module("ops.openapi").write())


@main.command()
def topology() -> None:
    """Write rabbitmq/definitions.json from the services' calls and events."""
    click.echo(import_module("ops.broker").write())


@main.command()
@click.option("-c", "code", metavar="CODE", help="Run CODE instead of asking for it.")
def shell(code: str | None) -> None:
    """Open a Nameko shell: n.rpc.product_service.list_categories()"""
    environment.load("AMQP_URI")
    import_module("ops.shell").run(code)
