"""What the shop does when something is broken on purpose: docs/chaos.md, shown.

`tests/architecture/test_chaos_documented.py` holds the names of these tests and the
table of that page together.
"""

import re
from email import message_from_bytes, policy

import psutil
import pytest
import urllib3

from common.ids import new_id
from common.live.keys import SERVICES
from tests.client import PASSWORD, eventually
from tests.e2e.live import Operator

# Longer than anybody below is given.
SLOW = "delay:1s"
GATEWAYS = ("gateway.1", "gateway.2")
MEGABYTE = 1024 * 1024
RESILIENT = (*SERVICES, "redis", "sign_ins")


@pytest.fixture(scope="module")
def operator(stack):
    """Of a shop whose circuits stay closed: one fault is not to be met in the next."""
    calm, found = Operator(stack), Operator(stack)
    for target in RESILIENT:
        calm.set(f"resilience/{target}", '{"failure_share": 1, "most_in_row": 1000}')
    yield found
    found.clear()
    calm.clear()


@pytest.fixture
def fault(operator):
    """``fault("mail", "unreachable")``, None to clear; all are, after the test."""
    yield lambda target, text: operator.set(f"chaos/{target}", text)
    operator.clear()


@pytest.fixture
def impatient(operator):
    """Nobody is given more than a part of a second."""
    operator.set("deadlines/read", "0.4")
    operator.set("deadlines/write", "0.4")
    yield
    operator.set("deadlines/read", None)
    operator.set("deadlines/write", None)


@pytest.fixture(scope="module")
def ask(stranger, customer):
    """``ask("postgres")`` is how somebody fares who needs it."""

    def search():
        return stranger.get(f"/v1/products?q={new_id()}")

    def carry_on():
        grant = {"grant_type": "refresh_token", "refresh_token": "unknown"}
        return stranger.post("/v1/auth/tokens", grant)

    ways = {
        "auth_service": carry_on,
        "mongo": search,
        "order_service": lambda: customer.get("/v1/orders"),
        "postgres": lambda: customer.get("/v1/users/me"),
        "product_service": search,
        "redis": lambda: customer.get("/v1/cart"),
        "user_service": lambda: customer.get("/v1/users/me"),
    }
    return lambda target: ways[target]()


NEEDED = ("auth_service", "mongo", "order_service", "postgres", "product_service")
NEEDED += ("redis", "user_service")
USUAL = {"auth_service": 401}
OTHER = {"mongo": "user_service", "product_service": "user_service"}


@pytest.mark.parametrize("target", NEEDED)
def test_who_needs_what_is_away_is_told_so_and_nobody_else(fault, ask, target):
    usual, other = USUAL.get(target, 200), OTHER.get(target, "product_service")
    for how in ("error:100", "unreachable"):
        fault(target, how)
        refused = ask(target)
        assert (refused.status, refused.code) == (503, "service_unavailable"), how
        assert refused.headers["Retry-After"] == "1"
        assert ask(other).status == 200

    fault(target, None)
    eventually(lambda: ask(target).status, usual)


def test_nobody_waits_for_what_is_slow(fault, ask, impatient):
    for target in NEEDED:
        fault(target, SLOW)
        refused = ask(target)
        assert (refused.status, refused.code) == (503, "deadline_exceeded"), target
        fault(target, None)
        eventually(lambda needed=target: ask(needed).status, USUAL.get(target, 200))


def test_an_order_waits_for_the_payment_provider_and_goes_on(fault, customer, product):
    product_id = product(stock=3)
    waiting = []
    for how in ("delay:2s", "error:100", "unreachable"):
        fault("payment", how)
        placed = customer.place({product_id: 1})
        assert (placed.status, placed.body["status"]) == (202, "pending"), how
        waiting.append(placed.headers["Location"])

    fault("payment", None)

    for order in waiting:
        eventually(
            lambda path=order: customer.get(path).body["status"],
            "confirmed",
            seconds=30,
        )


def letters(stack, email):
    found = []
    for file in (stack.run_dir / "mail").glob("*.eml"):
        letter = message_from_bytes(file.read_bytes(), policy=policy.default)
        found += [letter] * (email in str(letter["To"]))
    return len(found)


def test_a_letter_waits_for_the_mail_server_and_its_reader_does_not(
    fault, stack, stranger
):
    emails = []
    for how in ("error:100", "unreachable"):
        fault("mail", how)
        emails.append(f"{new_id()}@example.com")
        user = {"email": emails[-1], "password": PASSWORD, "full_name": "Ada Example"}
        made = stranger.post("/v1/users", user)
        assert made.status == 201, made.raw
        assert letters(stack, emails[-1]) == 0

    fault("mail", "delay:100ms")

    for email in emails:
        eventually(lambda to=email: letters(stack, to), 1)


def shelf(seller, product_id):
    found = seller.get(f"/v1/products/{product_id}/inventory").body
    return found["on_hand"], found["reserved"]


@pytest.mark.parametrize("target", ["events", "outbox"])
def test_orders_go_on_while_nobody_hears_of_them(
    fault, customer, seller, product, target
):
    product_id = product(stock=5)
    fault(target, "stop")

    for _ in range(2):
        assert customer.place({product_id: 1}).status == 201
    assert shelf(seller, product_id) == (5, 2)

    fault(target, None)
    eventually(lambda: shelf(seller, product_id), (3, 0))


def test_a_handler_that_fails_is_tried_again(fault, stack, customer, seller, product):
    product_id = product(stock=5)
    log = stack.run_dir / "log/product_service.1.log"
    fails = re.compile("on_order_confirmed fails: FaultOnPurpose")
    before = len(fails.findall(log.read_text()))
    fault("events", "delay:50ms,error:100")

    assert customer.place({product_id: 1}).status == 201
    eventually(lambda: len(fails.findall(log.read_text())) > before, True)
    assert shelf(seller, product_id) == (5, 1)

    fault("events", "delay:50ms")
    eventually(lambda: shelf(seller, product_id), (4, 0))


def test_a_gateway_that_fails_still_says_how_it_is(fault, stranger, customer):
    fault("gateway", "error:100")

    refused = customer.get("/v1/users/me")

    assert (refused.status, refused.code) == (503, "service_unavailable")
    assert stranger.get("/healthz").status == 200
    fault("gateway", "delay:50ms")
    assert customer.get("/v1/users/me").status == 200


def test_a_leak_is_seen_in_the_memory_of_its_process_and_ends(fault, stack, customer):
    gateways = [psutil.Process(stack.pid(name)) for name in GATEWAYS]

    def held():
        return sum(each.memory_info().rss for each in gateways) // MEGABYTE

    before = held()
    fault("gateway", "leak:16MB")
    for _ in range(10):
        assert customer.get("/v1/users/me").status == 200
    assert held() > before + 120

    fault("gateway", None)
    eventually(lambda: held() < before + 60, True)


def kept(operator):
    """How many answers all gateways keep ready."""
    pages = [p.page for p in operator.processes if p.name.startswith("gateway")]
    texts = [
        urllib3.request("GET", page.replace("/config", "/metrics")).data.decode()
        for page in pages
    ]
    found = [re.search(r"^shopnow_gateway_cache_entries (\S+)", t, re.M) for t in texts]
    return sum(float(each[1]) for each in found)


def test_without_its_memory_the_gateway_asks_the_shop(fault, operator, stranger):
    fault("cache", "stop")
    assert stranger.get("/v1/products?limit=1").status == 200
    assert kept(operator) == 0

    fault("cache", None)
    assert stranger.get("/v1/products?limit=1").status == 200
    assert kept(operator) > 0
