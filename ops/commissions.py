"""`shopnow commissions`: what the marketplace takes of what is sold from now on."""

import json
import os
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import click

from common.clock import utc_now
from common.errors import NotFound
from common.ids import new_id
from common.schemas import iso
from ops import environment
from ops.books import opened
from ops.errors import Problem
from ops.listing import Listing
from order_service.domain.commission import ALL_BP, DEFAULT_BP, Rule, in_force
from order_service.storage.commissions import CommissionRepository
from product_service.storage.provider import ProductDoor, connect

ANY = "any"


class Percent(click.ParamType):
    """``12.5`` or ``12.5%``, as basis points."""

    name = "percent"

    def convert(self, value: Any, *where: Any) -> int:
        try:
            points = Decimal(str(value).rstrip(" %")) * 100
        except InvalidOperation:
            points = Decimal("NaN")
        if points.is_finite() and 0 <= points <= ALL_BP and points == int(points):
            return int(points)
        return self.fail(f"{value!r} is not 0 to 100, in hundredths", *where)


def scoped(command: Callable) -> Callable:
    """With the options that say for whom and what a rule is; for all without."""
    seller = click.option("--seller", "seller_id", metavar="ID", help="Of one shop.")
    category = click.option(
        "--category", metavar="SLUG", help="In one category and those below it."
    )
    return seller(category(command))


@click.group(cls=Listing)
def commissions() -> None:
    """List, set or end the rules of commission.

    The most specific rule holds: of a shop in a category, of a shop, of a category,
    of all; a near category goes before one above it. What is sold already keeps
    the commission it was sold at.
    """
    environment.load("ORDER_DB_URI", "PRODUCT_MONGO_URI")


@commissions.command("list")
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
def list_rules(as_json: bool) -> None:
    """Show the rules in force."""
    with opened() as session:
        rules = in_force(CommissionRepository(session).all())
    if as_json:
        items = [vars(rule) | {"created_at": iso(rule.created_at)} for rule in rules]
        click.echo(json.dumps({"items": items, "default_bp": DEFAULT_BP}))
        return
    for rule in rules:
        click.echo(in_words(rule))
    if all(rule.scope != (None, None) for rule in rules):
        click.echo(f"{percent(DEFAULT_BP)}  of all others")


@commissions.command("set")
@click.argument("rate", type=Percent())
@scoped
def set_rate(rate: int, seller_id: str | None, category: str | None) -> None:
    """Take RATE percent from now on: 12.5 is an eighth."""
    must_exist(seller_id, category)
    click.echo(in_words(ruled(seller_id, category, rate)))


@commissions.command("end")
@scoped
def end_rule(seller_id: str | None, category: str | None) -> None:
    """End a rule; the next wider one holds again."""
    with opened() as session:
        known = in_force(CommissionRepository(session).all())
    if (seller_id, category) not in [rule.scope for rule in known]:
        raise Problem("there is no such rule; shopnow commissions list")
    click.echo(f"ended: {in_words(ruled(seller_id, category, None))}")


def ruled(seller_id: str | None, category: str | None, rate_bp: int | None) -> Rule:
    rule = Rule(new_id(), seller_id, category, rate_bp, utc_now())
    with opened() as session:
        CommissionRepository(session).add(rule)
    return rule


def must_exist(seller_id: str | None, category: str | None) -> None:
    """A rule for nobody would never hold, and nobody would notice."""
    with connect(os.environ["PRODUCT_MONGO_URI"]) as client:
        catalogue = ProductDoor(client)
        slugs = [known.slug for known in catalogue.categories.all()]
        if category and category not in slugs:
            raise Problem(f"there is no category {category}")
        try:
            if seller_id:
                catalogue.sellers.find(seller_id)
        except NotFound as missing:
            raise Problem(str(missing)) from None


def in_words(rule: Rule) -> str:
    rate = "-" if rule.rate_bp is None else percent(rule.rate_bp)
    return f"{rate:>7}  seller {rule.seller_id or ANY}, category {rule.category or ANY}"


def percent(rate_bp: int) -> str:
    return f"{rate_bp // 100}.{rate_bp % 100:02}%"
