"""Orders after the sale: what holds for the fake holds for PostgreSQL."""

from datetime import timedelta

import pytest

from common.errors import Conflict, Invalid, NotFound
from common.ids import new_id
from order_service.domain.cancelling import cancel
from order_service.domain.dashboard import Day
from order_service.domain.history import Actor
from order_service.domain.order import Order
from order_service.domain.refunding import refund, settle
from order_service.domain.shipping import send
from order_service.domain.states import PartStatus, Status
from order_service.storage.claims import Claim
from tests.builders import NOON, a_line, a_refund, an_order
from tests.fakes import FakeOrders
from tests.scratch import PostgresOrders, scratch

LATER = NOON + timedelta(minutes=1)
DAY = timedelta(days=1)
ANSWER = {"order": {"id": "o1", "city": "Leeds"}}


@pytest.fixture(scope="module")
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    if request.param == "memory":
        return FakeOrders()
    return PostgresOrders(request.getfixturevalue("engine"))


@pytest.fixture
def shop():
    return new_id()


def a_claim(**changes):
    return Claim(**{"customer_id": new_id(), "key": "k", "fingerprint": "f"} | changes)


def kept(store, *lines, **facts):
    """An order as it was placed, of a customer of its own."""
    order = an_order(*lines, **{"customer_id": new_id()} | facts)
    with store.transaction() as orders:
        orders.add(order, a_claim(customer_id=order.customer_id), NOON)
    return order


def changed(store, order, *changes):
    for change in changes:
        with store.transaction() as orders:
            loaded = orders.get(order.id)
            change(loaded)
            orders.save(loaded, LATER)
    return loaded


def sold(store, shop, *changes, **facts):
    """One with two pieces of this shop and one of another."""
    lines = (a_line(seller_id=shop), a_line(seller_id=new_id(), quantity=1))
    return changed(store, kept(store, *lines, **facts), Order.confirm, *changes)


def call_off(order):
    cancel(order, "Changed my mind", Actor("customer"), new_id(), NOON)


def pay_back(order):
    refund(order, a_refund(order_id=order.id, amount=order.left))


def ship(order):
    for part in order.fulfilments:
        send(order, part.id, PartStatus.SHIPPED, None, Actor("seller"))


def read(store, what):
    with store.transaction() as orders:
        return what(orders)


class TestSellersOrders:
    def listed(self, store, shop, status=None, limit=10, cursor=None):
        wanted = {"status": status, "limit": limit, "cursor": cursor}
        return [each.id for each in read(store, lambda o: o.sold_by(shop, **wanted))]

    def test_the_newest_come_first_page_by_page(self, store, shop):
        ids = [sold(store, shop).id for _ in range(3)]
        sold(store, new_id())

        assert self.listed(store, shop, limit=1) == [ids[2], ids[1]]
        assert self.listed(store, shop, cursor=[ids[1]]) == [ids[0]]

    def test_what_was_not_sold_is_not_there(self, store, shop):
        kept(store, a_line(seller_id=shop))
        gone = sold(store, shop, call_off)

        assert self.listed(store, shop) == [gone.id]
        assert self.listed(store, shop, Status.PENDING) == []

    def test_a_status_filters(self, store, shop):
        sold(store, shop)
        sent = sold(store, shop, ship)

        assert self.listed(store, shop, Status.SHIPPED) == [sent.id]

    def test_a_part_leads_to_its_order_for_its_own_shop_alone(self, store, shop):
        order = sold(store, shop)
        part = next(each for each in order.fulfilments if each.seller_id == shop)

        assert read(store, lambda o: o.get_with(shop, part.id)) == order
        for seller_id, part_id in ((new_id(), part.id), (shop, new_id())):
            with pytest.raises(NotFound):
                read(store, lambda o, s=seller_id, p=part_id: o.get_with(s, p))


class TestDashboard:
    def days(self, store, shop, first=NOON - DAY):
        found = read(store, lambda o: o.sales.days_of(shop, first.date()))
        return sorted(found, key=lambda day: day.date)

    def test_each_day_has_what_was_sold_of_this_shop(self, store, shop):
        midnight = NOON.replace(hour=0)
        for placed_at in (NOON, midnight, midnight - timedelta(seconds=1)):
            sold(store, shop, placed_at=placed_at)
        sold(store, shop, placed_at=NOON - 3 * DAY)

        assert self.days(store, shop) == [
            Day((NOON - DAY).date(), 1, 2, 900),
            Day(NOON.date(), 2, 4, 1800),
        ]

    def test_what_went_back_was_not_earned(self, store, shop):
        kept(store, a_line(seller_id=shop))
        for end in (call_off, pay_back):
            sold(store, shop, end)

        assert self.days(store, shop) == []

    def test_open_is_what_this_shop_has_not_sent(self, store, shop):
        def ship_own(order):
            part = next(one for one in order.fulfilments if one.seller_id == shop)
            send(order, part.id, PartStatus.SHIPPED, None, Actor("seller"))

        other = new_id()
        kept(store, a_line(seller_id=shop))
        sold(store, shop, call_off)
        sold(store, shop, ship_own)
        sold(store, shop)

        assert read(store, lambda o: o.sales.open_orders(shop)) == 1
        assert read(store, lambda o: o.sales.open_orders(other)) == 0


class TestRefundsToPay:
    def owed(self, store, created_at):
        owed = a_refund(created_at=created_at)
        order = sold(store, new_id(), lambda order: self.ask(order, owed))
        return order, order.refunds[0]

    def ask(self, order, owed):
        refund(order, a_refund(**vars(owed) | {"order_id": order.id}))

    def due(self, store, now):
        return read(store, lambda orders: orders.lease_refunds(now, 100))

    def test_who_asked_has_it_first_and_then_whoever_comes(self, store):
        _, owed = self.owed(store, NOON)

        assert owed not in self.due(store, NOON + timedelta(seconds=9))
        assert owed in self.due(store, NOON + timedelta(seconds=10))
        assert owed not in self.due(store, NOON + timedelta(seconds=19))
        assert owed in self.due(store, NOON + timedelta(seconds=20))

    def test_what_was_paid_is_nobodys_business(self, store):
        order, owed = self.owed(store, NOON - DAY)
        changed(store, order, lambda order: settle(order, owed.id, NOON))

        due = self.due(store, NOON)

        assert owed.id not in [each.id for each in due]


class TestRequestKeys:
    def keep(self, store, order, claim):
        read(store, lambda o: o.requests.keep(claim, order.id, ANSWER, NOON))

    def answered(self, store, claim):
        return read(store, lambda orders: orders.requests.answered(claim))

    def test_an_answer_is_known_by_its_key(self, store):
        claim = a_claim()
        assert self.answered(store, claim) is None

        self.keep(store, kept(store), claim)

        assert self.answered(store, claim) == ANSWER
        assert self.answered(store, a_claim()) is None

    def test_a_request_without_a_key_is_not_kept(self, store):
        self.keep(store, kept(store), None)

        assert self.answered(store, None) is None

    def test_a_key_is_for_one_request(self, store):
        claim, order = a_claim(), kept(store)
        self.keep(store, order, claim)
        other = a_claim(customer_id=claim.customer_id, fingerprint="other")

        with pytest.raises(Invalid):
            self.answered(store, other)
        with pytest.raises(Conflict):
            self.keep(store, order, claim)

    def test_an_answer_may_turn_out_better(self, store):
        claim, order = a_claim(), kept(store)
        self.keep(store, order, claim)

        read(store, lambda o: o.requests.amend(claim, order.id, {"order": {}}))

        assert self.answered(store, claim) == {"order": {}}

    def test_it_is_forgotten_when_it_is_old(self, store):
        claim = a_claim()
        self.keep(store, kept(store), claim)

        read(store, lambda orders: orders.forget_keys(NOON))
        assert self.answered(store, claim)
        read(store, lambda orders: orders.forget_keys(LATER))

        assert self.answered(store, claim) is None


class TestErasure:
    def test_what_people_wrote_goes_with_them_and_what_was_sold_stays(self, store):
        order = sold(store, new_id(), call_off)
        claim = a_claim(customer_id=order.customer_id)
        read(store, lambda o: o.requests.keep(claim, order.id, {"order": {}}, NOON))
        other = sold(store, new_id(), call_off)

        read(store, lambda orders: orders.forget(order.customer_id, LATER))

        past = read(store, lambda orders: orders.history_of(order.id))
        left = read(store, lambda orders: orders.get(order.id))
        assert [entry.details for entry in past] == [{}, {}, {}]
        assert [each.reason for each in left.refunds] == [None]
        assert read(store, lambda orders: orders.requests.answered(claim)) is None
        assert read(store, lambda orders: orders.get(other.id)) == other

    def test_why_the_shop_itself_gave_up_is_no_secret(self, store):
        order = kept(store)
        short = Conflict("out_of_stock", "Short")
        changed(store, order, lambda order: order.give_up(short), Order.reject)

        read(store, lambda orders: orders.forget(order.customer_id, LATER))

        past = read(store, lambda orders: orders.history_of(order.id))
        assert past[-1].details == {"reason": "out_of_stock"}
