"""A server dies, stands still or is full, and the shop bears it."""

import gc
import os
import signal
import subprocess
from collections import Counter
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from statistics import quantiles
from time import monotonic

import eventlet
import psutil
import pytest
import urllib3
from eventlet.greenthread import GreenThread
from nameko import config
from nameko.testing.services import dummy, entrypoint_hook

from common.deadlines import DEADLINE, within
from common.errors import Conflict, Refusal, Unavailable
from common.ids import new_id
from common.wire import ServiceRpc, rpc
from ops.stack.health import passing
from tests.client import Client, eventually
from tests.e2e.conftest import put_on_shelf
from tests.faults.load import CALM_SECONDS, Load, outcome, p99, seconds_of, told
from tests.faults.pace import PACE
from tests.faults.rig import UNLIMITED, until
from tests.faults.subject.shopnow import pending_replies
from tests.integration.conftest import PLAIN_JSON
from tests.private_stack import PrivateStack, own_place, sweep

SERVICES = ("auth_service", "user_service", "product_service", "order_service")
TWO_OF_EACH = {f"{name}_PROCESSES".upper(): "2" for name in SERVICES}
RABBITMQCTL = "/usr/lib/rabbitmq/bin/rabbitmqctl"

PATIENCE = 10.0
STILL_SECONDS = PACE.soon + 3.0
# For a load to be steady and for processes to come, however busy the machine is.
SETTLED_SECONDS = 60.0
STOCK = 10_000
# Ten thousand calls in all.
ROUNDS, ECHOES, LATE = 10, 988, 10
CROWD = 10
NOBODY = "nobody"


class Shop(PrivateStack):
    """A shop of two processes each, and people who use it over fresh connections."""

    @cached_property
    def stranger(self):
        return Client(
            self.url,
            pool=urllib3.PoolManager(maxsize=32, retries=False, timeout=PATIENCE),
        )

    @cached_property
    def seller(self):
        account = next(a for a in self.demo_accounts if "seller" in a["roles"])
        return self.stranger.signed_in(account["email"], account["password"])

    @cached_property
    def customer(self):
        return self.stranger.signed_up()

    @cached_property
    def stocked(self):
        category = self.stranger.get("/v1/categories").body["items"][0]["slug"]
        draft = {"sku": f"TEST-{new_id()}", "title": "Test mug", "category": category}
        price = {"amount": 450, "currency": "GBP"}
        made = self.seller.post(
            "/v1/products", draft | {"price": price, "status": "active"}
        )
        put_on_shelf(self.seller, made.body["id"], STOCK)
        return made.body["id"]

    def product(self):
        return self.stranger.get(f"/v1/products/{self.stocked}", Connection="close")

    def unknown(self):
        """A product that nobody has asked for before, so that no cache knows it."""
        return self.stranger.get(f"/v1/products/{new_id()}", Connection="close")

    def orders(self):
        return self.customer.get("/v1/orders?limit=1", Connection="close")

    def place(self):
        return self.customer.place({self.stocked: 1})

    def basket(self):
        return self.customer.get("/v1/cart", Connection="close")

    def cart(self):
        self.customer.put(f"/v1/cart/items/{self.stocked}", {"quantity": 1})
        return self.customer.get("/v1/cart", Connection="close")

    def sign_in(self):
        account = self.demo_accounts[0]
        grant = {"grant_type": "password"} | {
            name: account[name] for name in ("email", "password")
        }
        return self.stranger.post("/v1/auth/tokens", grant)

    def troubles(self):
        """What is not right, also in the other gateway, if chance is kind."""
        asked = [self.unknown, self.orders, self.place, self.cart, self.sign_in] * 2
        ended = [outcome(ask.__name__, ask) for ask in asked]
        return told(each for each in ended if each.code)

    def works(self):
        return not self.troubles()

    @property
    def service_pids(self):
        """Of whoever serves customers; the ops page only looks on."""
        pids = {each["name"]: each["pid"] for each in self.state.services}
        return {name: pid for name, pid in pids.items() if "console" not in name}

    @property
    def broker(self):
        return self.plan.all_servers.rabbitmq

    def whole(self, name):
        """The processes of the server ``name``."""
        first = psutil.Process(self.pid(name))
        return [first, *first.children(recursive=True)]


@pytest.fixture(scope="module")
def shop():
    sweep()
    # Inside of our own place, which the next run sweeps if this one is killed.
    shop = Shop(own_place() / "test/chaos", **TWO_OF_EACH | UNLIMITED | PACE.deadlines)
    try:
        shop.start()
        until(shop.works, SETTLED_SECONDS, "the shop")
        yield shop
    finally:
        shop.wipe()


@contextmanager
def standing_still(shop, server):
    """Its first process first: from then on there are no new ones."""
    os.kill(shop.pid(server), signal.SIGSTOP)
    processes = shop.whole(server)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


def kill(shop):
    broker = next(p for p in shop.whole("rabbitmq") if p.name() == "beam.smp")
    broker.kill()


def restart(shop):
    os.kill(shop.pid("rabbitmq"), signal.SIGTERM)


def statuses(outcomes):
    return {each.status for each in outcomes}


def most(outcomes):
    """How long nine of ten took at the most; the machine may hold up the tenth."""
    return quantiles(seconds_of(outcomes), n=10)[-1]


def slowest(outcomes):
    return max(each.seconds for each in outcomes)


@pytest.mark.parametrize("end", [kill, restart])
def test_a_broker_that_restarts_is_borne_by_every_process(shop, end):
    pids, first = shop.service_pids, shop.pid("rabbitmq")

    with Load({"orders": shop.orders, "unknown": shop.unknown}, each=2) as load:
        until(load.is_calm, SETTLED_SECONDS, "a steady load")
        ended = monotonic()
        end(shop)
        until(lambda: shop.pid("rabbitmq") != first, SETTLED_SECONDS, "a new broker")
        until(shop.broker.is_ready, 60, "its readiness")
        eventually(shop.troubles, Counter(), PACE.back)
        until(load.is_calm, PACE.back + CALM_SECONDS, "the shop is back for everybody")

    hit = load.since(ended)
    assert statuses(hit) == {200, 404, 503}, told(hit)
    assert slowest(hit) < PACE.fast
    assert shop.service_pids == pids


def test_the_catalogue_goes_on_while_postgresql_stands_still(shop):
    with Load({"unknown": shop.unknown, "orders": shop.orders}, each=2) as load:
        still, over = stand_still(load, shop, "postgres")
        until(load.is_calm, PACE.back + CALM_SECONDS, "orders")

    must_go_on(load, "unknown", 404, still, over)
    must_be_refused(load, "orders", still, over)


def test_orders_go_on_while_mongodb_stands_still(shop):
    with Load({"unknown": shop.unknown, "orders": shop.orders}, each=2) as load:
        still, over = stand_still(load, shop, "mongo")
        until(load.is_calm, PACE.back + CALM_SECONDS, "products")

    must_go_on(load, "orders", 200, still, over)
    must_be_refused(load, "unknown", still, over)


def test_orders_of_named_items_go_on_while_redis_stands_still(shop):
    with Load({"place": shop.place, "basket": shop.basket}, each=2) as load:
        still, over = stand_still(load, shop, "redis")
        until(load.is_calm, PACE.back + CALM_SECONDS, "carts")

    must_go_on(load, "place", 201, still, over)
    must_be_refused(load, "basket", still, over)


def stand_still(load, shop, server):
    """From when to when ``server`` stood still under ``load``."""
    until(load.is_calm, SETTLED_SECONDS, "a steady load")
    with standing_still(shop, server):
        still = monotonic()
        until(lambda: monotonic() > still + STILL_SECONDS, SETTLED_SECONDS, "the time")
        return still, monotonic()


def must_go_on(load, kind, status, still, over):
    """Whether nobody has noticed."""
    before = [each for each in load.of(kind) if still - 2 < each.began < still]
    during = [each for each in load.of(kind) if still < each.began < over]
    assert statuses(during) == {status}, told(during)
    if PACE.undisturbed:
        assert p99(during) <= max(1.2 * p99(before), PACE.undisturbed)


def must_be_refused(load, kind, still, over):
    # Who asks in the last moments may still get what it asks for.
    during = [each for each in load.of(kind) if still < each.began < over - PACE.soon]
    assert statuses(during) == {503}, told(during)
    assert most(during) < PACE.soon
    assert slowest(during) < PACE.fast


def test_a_broker_without_memory_refuses_and_holds_up_nobody(shop):
    pids = shop.service_pids

    with Load({"orders": shop.orders}, each=2) as load:
        until(load.is_calm, SETTLED_SECONDS, "a steady load")
        rabbitmqctl(shop, "set_vm_memory_high_watermark", "0.000001")
        try:
            full = monotonic()
            until(lambda: len(refused(load, full)) > 10, SETTLED_SECONDS, "refusals")
        finally:
            rabbitmqctl(shop, "set_vm_memory_high_watermark", "0.4")
        until(load.is_calm, PACE.back + CALM_SECONDS, "the shop is back")

    assert statuses(refused(load, full)) == {503}, told(load.since(full))
    assert slowest(refused(load, full)) < PACE.fast
    assert shop.service_pids == pids


def refused(load, since):
    return [each for each in load.since(since, "orders") if each.status != 200]


def rabbitmqctl(shop, *words):
    environment = shop.broker.broker().environment
    done = subprocess.run(
        [RABBITMQCTL, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ten_thousand_calls_leave_nothing_behind(shop, container_factory):
    class Callee:
        name = f"test_{new_id()}"

        @rpc
        def echo(self, value):
            return value

        @rpc
        def refuse(self):
            raise Conflict("no", "No")

        @rpc
        def linger(self):
            eventlet.sleep(0.2)

    class Asker:
        name = f"test_{new_id()}"
        callee = ServiceRpc(Callee.name)
        nobody = ServiceRpc("test_nobody")

        @dummy
        def ask(self):
            echoes = [partial(self.callee.echo, value=n) for n in range(ECHOES)]
            return at_once([*echoes, self.callee.refuse, self.nobody.anything])

        @dummy
        def hurry(self):
            return at_once([self.callee.linger] * LATE)

    uri = shop.operator["AMQP_URI"]
    ours = {"SERVICE_CONTAINER_CLS": "common.container.ServiceContainer"}
    settings = ours | {"AMQP_URI": uri, "SERIALIZERS": PLAIN_JSON, "RPC_DEADLINE": 5}
    with config.patch(settings):
        container_factory(Callee).start()
        asker = container_factory(Asker)
        asker.start()
        alive = greenlets()
        for _ in range(ROUNDS):
            with entrypoint_hook(asker, "ask") as ask:
                assert ask() == {"answer": ECHOES, "no": 1, NOBODY: 1}
            with entrypoint_hook(asker, "hurry", {DEADLINE: within(0.1)}) as hurry:
                assert hurry() == {"deadline_exceeded": LATE}
        eventually(greenlets, alive, PACE.back)
        assert pending_replies() == 0


def at_once(calls):
    """How many of them ended how; what a service that is away is told in any way."""
    ended = Counter(eventlet.GreenPool(CROWD).imap(end_of, calls))
    return dict(ended)


def end_of(call):
    try:
        call()
    except Unavailable as refusal:
        away = refusal.code in ("service_unavailable", "circuit_open")
        return NOBODY if away else refusal.code
    except Refusal as refusal:
        return refusal.code
    return "answer"


def greenlets():
    everything = gc.get_objects()
    return sum(isinstance(each, GreenThread) and not each.dead for each in everything)


def test_a_rolling_restart_under_load_loses_nothing_and_does_nothing_twice(shop):
    before = shop.seller.get(f"/v1/products/{shop.stocked}/inventory").body
    customer = shop.stranger.signed_up()
    pids = shop.service_pids
    visits = {
        "product": shop.product,
        "orders": lambda: customer.get("/v1/orders?limit=1", Connection="close"),
        "place": lambda: customer.place({shop.stocked: 1}),
    }

    with Load(visits) as load:
        until(load.is_calm, SETTLED_SECONDS, "a steady load")
        for wave in ("1", "2"):
            for name in pids:
                if name.endswith(f".{wave}"):
                    replace(shop, name)
            until(lambda: is_whole(shop), SETTLED_SECONDS, "the end of the wave")

    assert statuses(load.outcomes) <= {200, 201, 202}, told(load.outcomes)
    assert not set(pids.values()) & set(shop.service_pids.values())
    placed = [o.said.body["id"] for o in load.outcomes if o.kind == "place"]
    eventually(lambda: confirmed(customer), sorted(placed))
    left = before["on_hand"] - len(placed)
    eventually(
        lambda: shop.seller.get(f"/v1/products/{shop.stocked}/inventory").body,
        {"on_hand": left, "reserved": 0, "available": left},
    )


def replace(shop, name):
    """Ask a process to stop, and wait until the next one is in its place."""
    pid = shop.pid(name)
    os.kill(pid, signal.SIGTERM)
    until(lambda: shop.pid(name) != pid, SETTLED_SECONDS, f"the end of {name}")


def is_whole(shop):
    consul = shop.operator["CONSUL_URI"]
    return all(passing(consul, name) == 2 for name in (*SERVICES, "gateway"))


def confirmed(customer):
    """The ids of all orders of ``customer`` that are confirmed."""
    ids, cursor = [], ""
    while cursor is not None:
        page = customer.get(f"/v1/orders?limit=100&status=confirmed{cursor}").body
        ids += [each["id"] for each in page["items"]]
        cursor = f"&cursor={page['next']}" if page["next"] else None
    return sorted(ids)
