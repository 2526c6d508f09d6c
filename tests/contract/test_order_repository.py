"""One suite, every door: what holds for the fake holds for PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from common.errors import Conflict, Invalid, NotFound, Unauthenticated
from common.ids import new_id
from common.json import dumps
from order_service.domain.history import Actor
from order_service.domain.order import Order, Step
from order_service.domain.payment import PaymentStatus
from order_service.domain.refunding import refund, settle
from order_service.domain.shipping import send
from order_service.domain.states import PartStatus, Status
from order_service.storage.claims import Claim
from tests.builders import ADDRESS, NOON, TEA, a_line, a_refund, an_order, pounds
from tests.client import eventually
from tests.fakes import FakeOrders
from tests.scratch import PostgresOrders, held, scratch

LATER = NOON + timedelta(minutes=1)
SHOP = Actor("seller", new_id())
REFUSAL = Conflict("payment_declined", "Declined", {"payment": "card_declined"})


@pytest.fixture(scope="module")
def engine(stack):
    with scratch(stack.environment("order_service")["ORDER_DB_URI"]) as engine:
        yield engine


@pytest.fixture(params=["memory", "postgres"])
def store(request):
    if request.param == "memory":
        return FakeOrders()
    return PostgresOrders(request.getfixturevalue("engine"))


def a_claim(key=None, fingerprint="f", customer_id=None):
    return Claim(customer_id or new_id(), key or new_id(), fingerprint)


def kept(store, order, claim=None):
    with store.transaction() as orders:
        own = a_claim(key=new_id(), customer_id=order.customer_id)
        orders.add(order, claim or own, NOON)
    return order


def ahead_of(order, payment=None):
    ahead = replace(order, resume_at=LATER)
    ahead.go_on(payment)
    return ahead


def test_a_step_that_was_taken_is_kept_and_nothing_else_changes(store):
    order = kept(store, an_order(customer_id=new_id(), step=Step.AUTHORISE))
    ahead = ahead_of(order, PaymentStatus.AUTHORISED)

    with store.transaction() as orders:
        assert orders.step_on(order, ahead, LATER)
    with store.transaction() as orders:
        assert orders.get(order.id) == ahead
    assert (ahead.step, ahead.version) == (Step.COMMIT, order.version + 1)


@pytest.mark.parametrize("change", [{"step": Step.COMMIT}, {"version": 7}])
def test_a_step_is_not_kept_over_what_somebody_else_has_kept(store, change):
    order = kept(store, an_order(customer_id=new_id(), step=Step.AUTHORISE))
    with store.transaction() as orders:
        orders.save(replace(order, **change), NOON)

    with store.transaction() as orders:
        assert not orders.step_on(order, ahead_of(order), LATER)
    with store.transaction() as orders:
        assert orders.get(order.id) == replace(order, **change)


def test_what_is_kept_comes_back_whole(store):
    order = kept(
        store,
        an_order(a_line(seller_id=new_id()), a_line(quantity=7), customer_id=new_id()),
    )

    with store.transaction() as orders:
        assert orders.get(order.id) == order
        assert orders.find(order.customer_id, order.id) == order


def test_another_customers_order_does_not_exist(store):
    order = kept(store, an_order())

    with store.transaction() as orders, pytest.raises(NotFound):
        orders.find(new_id(), order.id)


def test_what_was_never_kept_is_refused(store):
    with store.transaction() as orders, pytest.raises(NotFound):
        orders.get(new_id())


def test_a_change_is_saved_with_its_events(store):
    order = kept(store, an_order())
    before = len(store.events)

    with store.transaction() as orders:
        loaded = orders.get(order.id)
        loaded.confirm()
        orders.save(loaded, LATER)

    with store.transaction() as orders:
        again = orders.get(order.id)
    assert (again.status, again.step, again.version) == ("confirmed", "done", 2)
    assert [event.type for event in store.events[before:]] == ["order.confirmed"]


def test_a_refusal_is_remembered_in_full(store):
    order = kept(store, an_order())

    with store.transaction() as orders:
        loaded = orders.get(order.id)
        loaded.give_up(REFUSAL)
        orders.save(loaded, LATER)

    with store.transaction() as orders:
        assert orders.get(order.id).refusal.args == REFUSAL.args


def test_numbers_are_never_given_twice(store):
    with store.transaction() as orders:
        numbers = {orders.number_for(new_id()) for _ in range(5)}

    assert len(numbers) == 5


class TestAfterTheSale:
    """An order that is sold, and what becomes of it."""

    def changed(self, store, order, *changes):
        for change in changes:
            with store.transaction() as orders:
                loaded = orders.get(order.id)
                change(loaded)
                orders.save(loaded, LATER)
        with store.transaction() as orders:
            return orders.get(order.id)

    def ship(self, order):
        for part in order.fulfilments:
            send(order, part.id, PartStatus.SHIPPED, "JD0002", SHOP)

    def refunded(self, order, **changes):
        owed = a_refund(order_id=order.id, **changes)
        return owed, lambda order: refund(order, owed)

    def test_its_parts_are_kept_as_they_are(self, store):
        order = kept(store, an_order(a_line(), a_line(seller_id=new_id())))

        again = self.changed(store, order, Order.confirm, self.ship)

        assert (again.status, again.version) == (Status.SHIPPED, 4)
        assert {(part.status, part.tracking_number) for part in again.fulfilments} == {
            (PartStatus.SHIPPED, "JD0002")
        }

    def test_what_is_owed_comes_back_whole(self, store):
        order = kept(store, an_order())
        owed, ask = self.refunded(order, returned={TEA: 1})

        again = self.changed(store, order, Order.confirm, ask)

        assert again.refunds == (owed,)
        assert again.left == pounds(800)

    def test_what_was_paid_is_remembered(self, store):
        order = kept(store, an_order())
        owed, ask = self.refunded(order)

        def pay(order):
            settle(order, owed.id, LATER)

        again = self.changed(store, order, Order.confirm, ask, pay, pay)

        assert again.refunds == (replace(owed, status="done", done_at=LATER),)
        assert again.payment_status == "partially_refunded"

    def test_all_that_happened_is_written_down_in_its_order(self, store):
        order = kept(store, an_order())
        self.changed(store, order, Order.confirm, self.ship, self.ship)

        with store.transaction() as orders:
            past = orders.history_of(order.id)

        assert [(entry.event, entry.actor.role, entry.at) for entry in past] == [
            ("order.placed", "customer", NOON),
            ("order.confirmed", "system", LATER),
            ("fulfilment.shipped", "seller", LATER),
            ("order.shipped", "seller", LATER),
        ]
        assert past[0].actor == Actor("customer", order.customer_id)
        assert past[2].details["tracking_number"] == "JD0002"


class TestKeys:
    def test_a_key_never_seen_has_no_answer(self, store):
        with store.transaction() as orders:
            assert orders.answered(a_claim()) is None

    def test_a_key_at_work_says_so(self, store):
        claim = a_claim()
        kept(store, an_order(), claim)

        with store.transaction() as orders, pytest.raises(Conflict) as refusal:
            orders.answered(claim)

        assert refusal.value.code == "request_in_progress"

    def test_a_key_is_taken_once(self, store):
        claim = a_claim()
        kept(store, an_order(), claim)

        with pytest.raises(Conflict) as refusal:
            kept(store, an_order(), claim)

        assert refusal.value.code == "request_in_progress"

    def test_an_answer_is_pinned_to_its_key(self, store):
        claim, order = a_claim(), an_order()
        kept(store, order, claim)

        with store.transaction() as orders:
            orders.answer(order.id, {"order": {"id": order.id}})

        with store.transaction() as orders:
            assert orders.answered(claim) == {"order": {"id": order.id}}

    def test_a_key_for_another_request_is_refused(self, store):
        claim = a_claim()
        kept(store, an_order(), claim)
        other = a_claim(claim.key, "other", claim.customer_id)

        with store.transaction() as orders, pytest.raises(Invalid) as refusal:
            orders.answered(other)

        assert refusal.value.code == "idempotency_key_reused"

    def test_a_key_that_was_freed_may_be_taken_again(self, store):
        claim, order = a_claim(), an_order()
        kept(store, order, claim)

        with store.transaction() as orders:
            orders.answer(order.id, None)

        kept(store, an_order(), claim)

    def test_an_answered_key_is_forgotten_when_it_is_old(self, store):
        claim, order = a_claim(), an_order()
        kept(store, order, claim)

        with store.transaction() as orders:
            orders.answer(order.id, {"order": {"id": order.id}})
            orders.forget_keys(NOON)
            assert orders.answered(claim)
            orders.forget_keys(LATER)

        with store.transaction() as orders:
            assert orders.answered(claim) is None

    def test_the_key_of_an_order_at_work_is_never_forgotten(self, store):
        claim = a_claim()
        kept(store, an_order(), claim)

        with store.transaction() as orders:
            orders.forget_keys(LATER)

        with store.transaction() as orders, pytest.raises(Conflict) as refusal:
            orders.answered(claim)
        assert refusal.value.code == "request_in_progress"


class TestCarts:
    """A cart is ordered once at a time; what is named is ordered as often as asked."""

    def of_cart(self, customer_id, **changes):
        return an_order(customer_id=customer_id, from_cart=True, **changes)

    def refused(self, store, order, claim=None):
        with pytest.raises(Conflict) as refusal:
            kept(store, order, claim)
        return refusal.value.code

    def test_a_cart_in_checkout_is_not_ordered_again(self, store):
        ada, key = new_id(), new_id()
        kept(store, self.of_cart(ada))

        again = self.refused(store, self.of_cart(ada), a_claim(key, customer_id=ada))

        assert again == "cart_in_checkout"
        with store.transaction() as orders:
            assert orders.answered(a_claim(key, customer_id=ada)) is None
            assert len(orders.of_customer(ada, None, 5, None)) == 1

    def test_the_same_request_twice_is_still_at_work(self, store):
        ada = new_id()
        claim = a_claim(customer_id=ada)
        kept(store, self.of_cart(ada), claim)

        assert self.refused(store, self.of_cart(ada), claim) == "request_in_progress"

    def test_a_cart_whose_order_has_ended_is_ordered_again(self, store):
        ada = new_id()
        first = kept(store, self.of_cart(ada))
        with store.transaction() as orders:
            loaded = orders.get(first.id)
            loaded.confirm()
            orders.save(loaded, LATER)
            orders.answer(first.id, {"order": {}})

        kept(store, self.of_cart(ada))

    def test_other_orders_do_not_mind(self, store):
        ada = new_id()
        kept(store, self.of_cart(ada))

        for order in (an_order(customer_id=ada), self.of_cart(new_id())):
            kept(store, order)


class TestErasure:
    def erased(self, store, order):
        with store.transaction() as orders:
            orders.forget(order.customer_id, LATER)
        with store.transaction() as orders:
            return orders.get(order.id)

    def test_an_order_stays_without_the_person(self, store):
        order = kept(store, an_order(customer_id=new_id()))

        left = self.erased(store, order)

        assert left.shipping_address == {"country": "GB"}
        assert (left.items, left.total) == (order.items, order.total)
        assert left.version == order.version + 1

    def test_it_is_erased_once(self, store):
        order = kept(store, an_order(customer_id=new_id()))

        assert self.erased(store, order) == self.erased(store, order)

    def test_it_goes_on_to_its_end_without_the_person(self, store):
        order = kept(store, an_order(customer_id=new_id()))
        self.erased(store, order)

        with store.transaction() as orders:
            loaded = orders.get(order.id)
            loaded.confirm()
            orders.save(loaded, LATER)

        with store.transaction() as orders:
            again = orders.get(order.id)
        assert (again.status, again.shipping_address) == (
            Status.CONFIRMED,
            {"country": "GB"},
        )

    def test_what_was_answered_goes(self, store):
        order = an_order(customer_id=new_id())
        claim = a_claim(customer_id=order.customer_id)
        kept(store, order, claim)
        with store.transaction() as orders:
            orders.answer(order.id, {"order": {"id": order.id}})

        self.erased(store, order)

        with store.transaction() as orders:
            assert orders.answered(claim) is None
            orders.answer(order.id, {"order": {"id": order.id}})
            assert orders.answered(claim) is None

    def test_another_customers_orders_stay(self, store):
        order = kept(store, an_order(customer_id=new_id()))

        self.erased(store, kept(store, an_order(customer_id=new_id())))

        with store.transaction() as orders:
            assert orders.get(order.id) == order

    def test_who_is_gone_places_no_order(self, store):
        order = kept(store, an_order(customer_id=new_id()))
        self.erased(store, order)

        with pytest.raises(Unauthenticated) as refusal:
            kept(store, an_order(customer_id=order.customer_id))

        assert refusal.value.code == "invalid_token"


class TestLists:
    def test_the_newest_come_first_page_by_page(self, store):
        customer_id = new_id()
        ids = [kept(store, an_order(customer_id=customer_id)).id for _ in range(3)]

        with store.transaction() as orders:
            first = orders.of_customer(customer_id, None, 2, None)
            rest = orders.of_customer(customer_id, None, 2, [ids[1]])

        assert [order.id for order in first] == ids[::-1]
        assert [order.id for order in rest] == [ids[0]]

    def test_each_comes_with_its_own_lines_and_parts(self, store):
        customer_id = new_id()
        shops = [new_id(), new_id()]
        placed = [
            kept(
                store,
                an_order(
                    *(a_line(seller_id=shop, quantity=n) for shop in shops),
                    customer_id=customer_id,
                ),
            )
            for n in (1, 2, 3)
        ]

        with store.transaction() as orders:
            found = orders.of_customer(customer_id, None, 5, None)

        assert found == placed[::-1]

    def test_a_status_filters(self, store):
        order = kept(store, an_order(customer_id=new_id()))

        with store.transaction() as orders:
            pending = orders.of_customer(order.customer_id, Status.PENDING, 5, None)
            shipped = orders.of_customer(order.customer_id, Status.CONFIRMED, 5, None)

        assert [one.id for one in pending] == [order.id]
        assert shipped == []


class TestLease:
    def test_who_leases_first_has_it_alone(self, store):
        order = kept(store, an_order(resume_at=NOON - timedelta(hours=1)))

        with store.transaction() as orders:
            first = orders.lease_due(NOON, LATER, 100)
        with store.transaction() as orders:
            second = orders.lease_due(NOON, LATER, 100)

        assert order.id in [one.id for one in first]
        assert order.id not in [one.id for one in second]

    def test_a_refund_that_waits_is_tried_less_often(self, store):
        order = an_order(customer_id=new_id())
        kept(store, order)
        owed = a_refund(order_id=order.id)
        with store.transaction() as orders:
            loaded = orders.get(order.id)
            loaded.confirm()
            refund(loaded, owed)
            orders.save(loaded, NOON)

        taken = []
        for second in range(0, 100, 10):
            now = NOON + timedelta(seconds=second)
            with store.transaction() as orders:
                if owed.id in [one.id for one in orders.lease_refunds(now, 100)]:
                    taken.append(second)

        assert taken == [10, 20, 40, 60, 80]

    def test_what_is_done_is_nobodys_business(self, store):
        order = an_order(resume_at=NOON - timedelta(hours=1))
        kept(store, order)
        with store.transaction() as orders:
            loaded = orders.get(order.id)
            loaded.confirm()
            orders.save(loaded, NOON)

        with store.transaction() as orders:
            due = orders.lease_due(NOON, LATER, 100)

        assert order.id not in [one.id for one in due]
        assert loaded.step is Step.DONE


class TestLocks:
    """What only the real store can show: two transactions at once."""

    @pytest.fixture
    def store(self, engine):
        return PostgresOrders(engine)

    def test_two_workers_never_lease_the_same_order(self, store):
        order = kept(store, an_order(resume_at=NOON - timedelta(hours=1)))

        with store.transaction() as mine, store.transaction() as theirs:
            first = [one.id for one in mine.lease_due(NOON, LATER, 100)]
            second = [one.id for one in theirs.lease_due(NOON, LATER, 100)]

        assert order.id in first
        assert not set(first) & set(second)

    def test_an_order_that_somebody_changes_cannot_be_read_for_change(self, store):
        order = kept(store, an_order())

        def change_meanwhile():
            with store.transaction() as theirs:
                theirs.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
                theirs.get(order.id)

        with store.transaction() as mine:
            mine.get(order.id)
            with pytest.raises(OperationalError, match="lock timeout"):
                change_meanwhile()

    def test_an_order_under_way_is_waited_for_and_erased(self, store, engine):
        order = an_order(customer_id=new_id())

        def forget_meanwhile():
            with store.transaction() as theirs:
                theirs.session.execute(text("SET LOCAL lock_timeout = '100ms'"))
                theirs.forget(order.customer_id, LATER)

        with store.transaction() as mine:
            mine.number_for(order.customer_id)
            mine.add(order, a_claim(customer_id=order.customer_id), NOON)
            with pytest.raises(OperationalError, match="lock timeout"):
                forget_meanwhile()
        forget_meanwhile()

        with store.transaction() as orders:
            assert orders.get(order.id).shipping_address == {"country": "GB"}

    @pytest.mark.parametrize("is_same", [True, False])
    def test_of_two_orders_of_a_cart_at_once_one_is_kept(self, store, is_same):
        ada = new_id()
        claim = a_claim(customer_id=ada)
        other = claim if is_same else a_claim(customer_id=ada)
        first, second = (an_order(customer_id=ada, from_cart=True) for _ in range(2))

        with ThreadPoolExecutor(1) as pool:
            with store.transaction() as mine:
                mine.add(first, claim, NOON)
                ordering = pool.submit(kept, store, second, other)
                eventually(lambda: somebody_waits_for(mine.session), True)
            with pytest.raises(Conflict) as refusal:
                ordering.result()

        expected = "request_in_progress" if is_same else "cart_in_checkout"
        assert refusal.value.code == expected
        with store.transaction() as orders:
            found = orders.of_customer(ada, None, 5, None)
            assert [one.id for one in found] == [first.id]

    def test_who_erases_waits_for_who_answers_and_not_the_other_way_round(self, store):
        order = an_order(customer_id=new_id())
        claim = a_claim(customer_id=order.customer_id)
        kept(store, order, claim)

        def forget():
            with store.transaction() as theirs:
                theirs.forget(order.customer_id, LATER)

        with ThreadPoolExecutor(1) as pool:
            with store.transaction() as mine:
                mine.get(order.id)
                erasing = pool.submit(forget)
                eventually(lambda: somebody_waits_for(mine.session), True)
                mine.answer(order.id, {"order": {"id": order.id}})
            erasing.result()

        with store.transaction() as orders:
            assert orders.answered(claim) is None
            assert orders.get(order.id).shipping_address == {"country": "GB"}


def somebody_waits_for(session):
    waiting = (
        "SELECT EXISTS (SELECT FROM pg_locks"
        " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )
    return session.scalar(text(waiting))


class TestSealing:
    """What the tables hold cannot be read without the key."""

    @pytest.fixture
    def store(self, engine):
        return PostgresOrders(engine)

    def test_an_address_is_sealed(self, store, engine):
        street = f"{new_id()} Street"
        order = an_order(shipping_address=ADDRESS | {"line1": street})
        kept(store, order)

        assert order.id in held(engine)
        assert street not in held(engine)
        with store.transaction() as orders:
            assert orders.get(order.id).shipping_address["line1"] == street

    def test_an_answer_is_sealed_and_comes_back_letter_by_letter(self, store, engine):
        claim, order = a_claim(), an_order()
        kept(store, order, claim)
        answer = {"z": 1, "a": {"line1": f"{new_id()} Street"}, "b": [None, "ü"]}
        with store.transaction() as orders:
            orders.answer(order.id, answer)

        assert answer["a"]["line1"] not in held(engine)
        with store.transaction() as orders:
            assert dumps(orders.answered(claim)) == dumps(answer)

    def test_what_was_kept_in_the_clear_is_read_and_erased_as_well(self, store, engine):
        order = kept(store, an_order(customer_id=new_id()))
        with engine.begin() as connection:
            row = {"id": order.id, "address": dumps(ADDRESS).decode()}
            connection.execute(
                text("UPDATE orders SET shipping_address = :address WHERE id = :id"),
                row,
            )

        with store.transaction() as orders:
            assert orders.get(order.id).shipping_address == ADDRESS
            orders.forget(order.customer_id, LATER)
        with store.transaction() as orders:
            assert orders.get(order.id).shipping_address == {"country": "GB"}
