"""Who asks, and for what: hooks that schemathesis loads in a process of its own."""

import os
import random
import time
from pathlib import Path
from types import SimpleNamespace

import schemathesis

from ops.environment import read
from tests.access import RULES
from tests.cast import ROLES, Cast, Person
from tests.e2e.recipes import (
    address,
    draft,
    for_sale,
    order,
    parcel,
    pending_shop,
    reset_code,
    shop,
)

place = read(Path(os.environ["SHOPNOW_RUN_DIR"]) / "env")
CAST = Cast(SimpleNamespace(url=place["SHOPNOW_URL"], operator=place))
CHOICE = random.Random(1)  # noqa: S311 - for the same run again
FOR = {rule.route: rule.roles for rule in RULES}
# Whoever succeeds here is not who they were.
MORTAL = {"DELETE /v1/users/me", "DELETE /v1/auth/tokens/current"}
MORTAL |= {"PUT /v1/users/me/password", "PUT /v1/users/{user_id}/roles"}
# Of the web server, for any request: `AnyOther` in the contract.
ANY_OTHER = {400, 405, 414, 417, 431, 501}
UNAUTHENTICATED, UNAVAILABLE = 401, 503
asked: dict[str, Person] = {}


def known() -> dict[str, list[str]]:
    """Things that are there, of those who ask and of others."""
    customers = [CAST[f"customer {letter}"] for letter in "AB"]
    sellers = [CAST[f"seller {letter}"] for letter in "AB"]
    return {
        "order_id": [order(CAST, one) for one in customers],
        "product_id": [for_sale(CAST), *(draft(CAST, one) for one in sellers)],
        "seller_id": [
            pending_shop(CAST, CAST["customer A"]),
            *(shop(CAST, one) for one in sellers),
        ],
        "fulfilment_id": [parcel(CAST, one) for one in sellers],
        "address_id": [address(CAST, one) for one in customers],
        "token": [reset_code(CAST, customers[0])],
        "user_id": [CAST.another("customer").id],
    }


THINGS = known()


@schemathesis.hook
def map_path_parameters(ctx, path_parameters):
    """Mostly of what is there, so that there is something to go wrong with."""
    for name, made in (path_parameters or {}).items():
        path_parameters[name] = CHOICE.choice([*THINGS.get(name, ()), made])
    return path_parameters


def somebody(route: str) -> Person:
    """Two times out of three, one whom the route is for."""
    roles = FOR.get(route)
    name = CHOICE.choice(list(ROLES))
    if roles and CHOICE.random() < 2 / 3:
        name = next(name for name in ROLES if ROLES[name] in roles)
    mortal = route in MORTAL and ROLES[name]
    return CAST.another(ROLES[name]) if mortal else CAST[name]


@schemathesis.hook
def before_call(ctx, case, kwargs):
    if case.id not in asked:
        asked[case.id] = somebody(f"{case.method.upper()} {case.path}")
    case.headers.pop("Authorization", None)
    if token := asked[case.id].client.token:
        case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def after_call(ctx, case, response):
    """Where a session has ended, by a request or by time, everybody makes way."""
    if response.status_code == UNAUTHENTICATED and b"invalid_token" in response.content:
        who = asked.get(case.id)
        if any(one is who for one in CAST.known.values()):
            CAST.known.clear()
            THINGS.update(known())


@schemathesis.check
def stated_status(ctx, response, case):
    """Each status is stated with its operation, or comes from the server before it."""
    if case.method.upper() != case.operation.method.upper():
        return
    stated = case.operation.definition.raw["responses"]
    known = str(response.status_code) in stated or response.status_code in ANY_OTHER
    assert known, f"{response.status_code} is not among {sorted(stated)}"


@schemathesis.check
def available_again(ctx, response, case):
    """A busy machine may keep us waiting once, but no request keeps us busy."""
    if response.status_code == UNAVAILABLE:
        time.sleep(int(response.headers["Retry-After"][0]))
        assert case.call().status_code != UNAVAILABLE
