"""In-memory doors with behaviour.  tests/contract keeps them honest."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import ClassVar

from common.errors import Conflict, Unavailable
from common.inbox import Heard
from common.money import Money
from common.sealing import Seal
from common.tokens import Caller, role_required
from ops.stack.secrets import fresh_key
from order_service.domain import errors
from order_service.domain.cart import MOST_PIECES, Wish
from order_service.domain.dashboard import Day
from order_service.domain.history import Entry
from order_service.domain.order import MOST_ATTEMPTS, Order, total_of
from order_service.domain.payment import (
    Answer,
    Asking,
    Kind,
    Operation,
    Payment,
    PaymentStatus,
)
from order_service.domain.refund import Refund, RefundStatus
from order_service.domain.states import PartStatus, Status
from order_service.domain.steps import Step
from order_service.storage.carts import MOST_PRODUCTS
from order_service.storage.claims import Claim
from order_service.storage.refunds import LEASE as REFUND_LEASE
from order_service.storage.refunds import pause
from tests.builders import CUSTOMER, NOON
from tests.fake_money import FakeCommissions, FakeLedger
from user_service.domain.address import Address, AddressBook
from user_service.domain.errors import idempotency_key_reused, no_such_user
from user_service.domain.events import UserErased, UserRegistered
from user_service.domain.preferences import Preferences
from user_service.domain.profile import Profile
from user_service.domain.sign_up import LEASE, SignUp
from user_service.domain.sign_up import Claim as SignUpClaim


class FakeClock:
    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment


class FakeInbox:
    """``Inbox`` of a store without a database."""

    def __init__(self) -> None:
        self.noted: dict[tuple[str, str], datetime] = {}

    def note(self, heard: Heard) -> bool:
        name = (heard.consumer, heard.event_id)
        is_new = name not in self.noted
        self.noted.setdefault(name, heard.at)
        return is_new

    def knows(self, heard: Heard) -> bool:
        return (heard.consumer, heard.event_id) in self.noted

    def forget(self, before: datetime) -> None:
        self.noted = {k: at for k, at in self.noted.items() if at >= before}


class FakeOrders:
    """``OrderRepository`` and its store in one, without a database."""

    def __init__(self, *orders: Order) -> None:
        self.orders: dict[str, Order] = {}
        self.keys: dict[tuple[str, str], dict] = {}
        self.events: list = []
        self.numbers = count(100_001)
        self.erased: set[str] = set()
        self.ledger, self.commissions = FakeLedger(), FakeCommissions()
        self.inbox = FakeInbox()
        self.past: dict[str, list[Entry]] = {}
        self.leases: dict[str, datetime] = {}
        self.tries: Counter[str] = Counter()
        # Fake payments record nothing.
        self.payments = None
        self.requests, self.sales = FakeRequestKeys(), FakeSales(self.orders)
        for order in deepcopy(orders):
            self.keep(order, NOON)

    @contextmanager
    def transaction(self) -> Iterator["FakeOrders"]:
        yield self

    statements = transaction

    def number_for(self, customer_id: str) -> str:
        return str(next(self.numbers))

    def answered(self, claim: Claim) -> dict | None:
        known = self.keys.get((claim.customer_id, claim.key))
        if known is None:
            return None
        if known["fingerprint"] != claim.fingerprint:
            raise errors.idempotency_key_reused()
        if known["answer"] is None:
            raise errors.request_in_progress()
        return deepcopy(known["answer"])

    def add(self, order: Order, claim: Claim, now: datetime) -> None:
        self.demand_known(order.customer_id)
        name = (claim.customer_id, claim.key)
        if name in self.keys:
            raise errors.request_in_progress()
        if order.from_cart and self.has_cart_in_checkout(order.customer_id):
            raise errors.cart_in_checkout()
        self.keys[name] = {
            "fingerprint": claim.fingerprint,
            "order_id": order.id,
            "answer": None,
            "created_at": now,
        }
        self.keep(order, now)

    def has_cart_in_checkout(self, customer_id: str) -> bool:
        return any(
            order.from_cart and order.step is not Step.DONE
            for order in self.orders.values()
            if order.customer_id == customer_id
        )

    def keep(self, order: Order, now: datetime) -> None:
        past = self.past.setdefault(order.id, [])
        past += [replace(entry, at=now) for entry in order.happened]
        order.happened.clear()
        self.orders[order.id] = deepcopy(order)

    def history_of(self, order_id: str) -> list[Entry]:
        return deepcopy(self.past[order_id])

    def demand_known(self, customer_id: str) -> None:
        if self.is_gone(customer_id):
            raise errors.customer_gone()

    def is_gone(self, customer_id: str) -> bool:
        return customer_id in self.erased

    def forget(self, customer_id: str, now: datetime) -> None:
        self.erased.add(customer_id)
        self.keys = {k: known for k, known in self.keys.items() if k[0] != customer_id}
        for order in self.orders.values():
            if order.customer_id == customer_id:
                self.forget_words(order)
            country = {"country": order.shipping_address["country"]}
            if order.customer_id == customer_id and order.shipping_address != country:
                order.shipping_address = country
                order.version += 1

    def forget_words(self, order: Order) -> None:
        order.refunds = tuple(replace(each, reason=None) for each in order.refunds)
        self.past[order.id] = [
            entry if entry.actor.role == "system" else without_reason(entry)
            for entry in self.past[order.id]
        ]
        self.requests.forget(order.id)

    def get(self, order_id: str) -> Order:
        if order_id not in self.orders:
            raise errors.no_such_order(order_id)
        return deepcopy(self.orders[order_id])

    def get_with(self, seller_id: str, fulfilment_id: str) -> Order:
        for order in self.orders.values():
            for part in order.fulfilments:
                if (part.id, part.seller_id) == (fulfilment_id, seller_id):
                    return deepcopy(order)
        raise errors.no_such_fulfilment(fulfilment_id)

    def find(self, customer_id: str | None, order_id: str) -> Order:
        order = self.get(order_id)
        if customer_id not in (None, order.customer_id):
            raise errors.no_such_order(order_id)
        return order

    def sold_by(
        self, seller_id: str, status: Status | None, limit: int, cursor: list | None
    ) -> list[Order]:
        found = [
            deepcopy(order)
            for order in self.sales.orders_of(seller_id)
            if status in (None, order.status)
            and (cursor is None or order.id < cursor[-1])
        ]
        return found[: limit + 1]

    def lease_refunds(self, now: datetime, most: int) -> list[Refund]:
        due = [
            refund
            for order in self.orders.values()
            for refund in order.refunds
            if refund.status is RefundStatus.PENDING
            and self.leases.get(refund.id, refund.created_at + REFUND_LEASE) <= now
        ][:most]
        for refund in due:
            self.leases[refund.id] = now + pause(self.tries[refund.id])
            self.tries[refund.id] += 1
        return due

    def of_customer(
        self, customer_id: str, status: Status | None, limit: int, cursor: list | None
    ) -> list[Order]:
        found = [
            deepcopy(order)
            for order in sorted(self.orders.values(), key=lambda o: o.id, reverse=True)
            if order.customer_id == customer_id
            and (status is None or order.status is status)
            and (cursor is None or order.id < cursor[-1])
        ]
        return found[: limit + 1]

    def traceparent_of(self, order_id: str) -> str | None:
        return None

    def lease_due(
        self,
        now: datetime,
        until: datetime,
        most: int,
        most_attempts: int = MOST_ATTEMPTS,
    ) -> list[Order]:
        due = [
            self.get(order.id)
            for order in sorted(self.orders.values(), key=lambda o: o.resume_at)
            if order.step is not Step.DONE and order.resume_at <= now
        ][:most]
        for order in due:
            order.lease(until, most_attempts)
            self.save(order, now)
        return due

    def save(self, order: Order, now: datetime) -> None:
        self.events += order.events
        while order.postings:
            posting = order.postings.pop(0).written(self.ledger.of_order)
            self.ledger.post([posting], now)
        order.events = []
        self.keep(order, now)

    def step_on(self, before: Order, ahead: Order, now: datetime) -> bool:
        stored = self.orders[before.id]
        if (stored.step, stored.version) != (before.step, before.version):
            return False
        self.save(ahead, now)
        return True

    def answer(self, order_id: str, answer: dict | None) -> None:
        for name, known in list(self.keys.items()):
            if known["order_id"] == order_id and answer:
                known["answer"] = deepcopy(answer)
            elif known["order_id"] == order_id:
                del self.keys[name]

    def forget_keys(self, before: datetime) -> None:
        self.keys = {
            name: known
            for name, known in self.keys.items()
            if known["answer"] is None or known["created_at"] >= before
        }
        self.requests.prune(before)


def without_reason(entry: Entry) -> Entry:
    kept = {name: value for name, value in entry.details.items() if name != "reason"}
    return replace(entry, details=kept)


class FakeRequestKeys:
    """``order_service.storage.request_keys.RequestKeys``."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict] = {}

    def answered(self, claim: Claim | None) -> dict | None:
        known = self.kept.get((claim.customer_id, claim.key)) if claim else None
        if known is None:
            return None
        if known["fingerprint"] != claim.fingerprint:
            raise errors.idempotency_key_reused()
        return deepcopy(known["answer"])

    def keep(
        self, claim: Claim | None, order_id: str, answer: dict, now: datetime
    ) -> None:
        if claim is None:
            return
        if (claim.customer_id, claim.key) in self.kept:
            raise errors.request_in_progress()
        self.kept[(claim.customer_id, claim.key)] = {
            "fingerprint": claim.fingerprint,
            "order_id": order_id,
            "answer": deepcopy(answer),
            "created_at": now,
        }

    def amend(self, claim: Claim | None, order_id: str, answer: dict) -> None:
        if claim and (claim.customer_id, claim.key) in self.kept:
            self.kept[(claim.customer_id, claim.key)]["answer"] = deepcopy(answer)

    def forget(self, order_id: str) -> None:
        self.kept = {k: v for k, v in self.kept.items() if v["order_id"] != order_id}

    def prune(self, before: datetime) -> None:
        self.kept = {k: v for k, v in self.kept.items() if v["created_at"] >= before}


class FakeSales:
    """``order_service.storage.selling.Sales`` of these orders."""

    NOT_SOLD: ClassVar = (Status.PENDING, Status.REJECTED)
    EARNING: ClassVar = (Status.CONFIRMED, Status.SHIPPED, Status.DELIVERED)

    def __init__(self, orders: dict[str, Order]) -> None:
        self.orders = orders

    def orders_of(self, seller_id: str) -> list[Order]:
        sold = [each for each in self.orders.values() if each.items_of(seller_id)]
        mine = [each for each in sold if each.status not in self.NOT_SOLD]
        return sorted(mine, key=lambda order: order.id, reverse=True)

    def open_orders(self, seller_id: str) -> int:
        return sum(
            part.seller_id == seller_id and part.status is PartStatus.PENDING
            for order in self.orders_of(seller_id)
            if order.status is Status.CONFIRMED
            for part in order.fulfilments
        )

    def days_of(self, seller_id: str, first: date) -> list[Day]:
        days: dict[date, Day] = {}
        for order in self.orders_of(seller_id):
            day, lines = order.placed_at.date(), order.items_of(seller_id)
            if order.status in self.EARNING and day >= first:
                known = days.get(day, Day(day))
                days[day] = Day(
                    day,
                    known.orders + 1,
                    known.units + sum(line.quantity for line in lines),
                    known.earned + total_of(lines).amount,
                )
        return list(days.values())


class FakeProfiles:
    """``ProfileRepository`` and its store in one, without a database."""

    seal = Seal(f"k1:{fresh_key()}")

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.keys: dict[str, SignUp] = {}
        self.made: dict[str, datetime] = {}
        self.preferred: dict[str, Preferences] = {}
        self.events: list = []
        self.books = FakeAddresses(self.profiles)
        self.inbox = FakeInbox()

    @contextmanager
    def transaction(self) -> Iterator["FakeProfiles"]:
        yield self

    statements = transaction

    @contextmanager
    def addresses(self) -> Iterator["FakeAddresses"]:
        yield self.books

    def begin(
        self, profile: Profile, claim: SignUpClaim | None, now: datetime
    ) -> tuple[Profile, dict | None]:
        known = self.keys.get(claim.key_hash) if claim else None
        if known and claim:
            known.again(claim, now)
            return self.find(known.user_id), deepcopy(known.answer)
        self.add(profile)
        if claim:
            sign_up = SignUp(claim, profile.id, now + LEASE)
            self.keys[claim.key_hash], self.made[claim.key_hash] = sign_up, now
        return profile, None

    def add(self, profile: Profile) -> None:
        self.profiles[profile.id] = deepcopy(profile)

    def welcome(self, user_id: str, answer: dict, now: datetime) -> None:
        profile = self.profiles.get(user_id)
        if profile and not profile.opened:
            profile.opened = True
            for sign_up in self.keys_of(user_id):
                sign_up.answer = deepcopy(answer)
            self.events.append(UserRegistered(user_id))

    def interrupt(self, user_id: str, now: datetime) -> None:
        for sign_up in self.keys_of(user_id):
            sign_up.busy_until = now

    def unopened(self, before: datetime, most: int) -> list[Profile]:
        oldest = sorted(self.profiles.values(), key=lambda one: one.created_at)
        left = [one for one in oldest if self.is_left(one, before)]
        return deepcopy(left[:most])

    def is_left(self, profile: Profile, before: datetime) -> bool:
        tried = [sign_up.busy_until for sign_up in self.keys_of(profile.id)]
        last = max([profile.created_at, *tried])
        return not profile.opened and last < before

    def give_up(self, profile_id: str, before: datetime, now: datetime) -> None:
        profile = self.profiles.get(profile_id)
        if profile and self.is_left(profile, before):
            self.erase(profile_id, now)

    def remove(self, profile_id: str) -> None:
        for sign_up in self.keys_of(profile_id):
            del self.keys[sign_up.claim.key_hash]
        self.profiles.pop(profile_id, None)
        self.preferred.pop(profile_id, None)
        self.books.books.pop(profile_id, None)

    def erase(self, profile_id: str, now: datetime) -> None:
        if profile_id in self.profiles:
            self.remove(profile_id)
            self.events.append(UserErased(profile_id))

    def find(self, profile_id: str) -> Profile:
        if profile_id not in self.profiles:
            raise no_such_user(profile_id)
        return deepcopy(self.profiles[profile_id])

    get = find

    def untold(self, profile_id: str, news: Heard) -> str | None:
        known = self.profiles.get(profile_id)
        return known.email if known and not self.inbox.knows(news) else None

    def find_opened(self, profile_id: str) -> Profile:
        profile = self.find(profile_id)
        if not profile.opened:
            raise no_such_user(profile_id)
        return profile

    def save(self, profile: Profile) -> None:
        self.add(profile)

    def newest(self, limit: int, cursor: list | None) -> list[Profile]:
        opened = [one for one in self.profiles.values() if one.opened]
        newest = sorted(opened, key=lambda one: one.id, reverse=True)
        found = [one for one in newest if cursor is None or one.id < cursor[-1]]
        return deepcopy(found[: limit + 1])

    def preferences(self, profile_id: str) -> Preferences:
        return self.preferred.get(self.find(profile_id).id, Preferences())

    def prefer(self, profile_id: str, preferences: Preferences) -> None:
        self.preferred[self.find(profile_id).id] = preferences

    def forget_keys(self, before: datetime) -> None:
        self.keys = {k: s for k, s in self.keys.items() if self.made[k] >= before}

    def keys_of(self, user_id: str) -> list[SignUp]:
        return [one for one in self.keys.values() if one.user_id == user_id]


class FakeAddresses:
    """``AddressRepository`` of the people in ``profiles``."""

    def __init__(self, profiles: dict[str, Profile]) -> None:
        self.profiles = profiles
        self.books: dict[str, AddressBook] = {}
        self.keys: dict[tuple[str, SignUpClaim], tuple[dict, datetime]] = {}

    def get(self, user_id: str) -> AddressBook:
        if user_id not in self.profiles:
            raise no_such_user(user_id)
        return deepcopy(self.books.get(user_id, AddressBook(user_id)))

    def of_user(self, user_id: str, limit: int, cursor: list | None) -> list[Address]:
        book = self.books.get(user_id, AddressBook(user_id))
        found = [one for one in book.addresses if cursor is None or one.id > cursor[-1]]
        return found[: limit + 1]

    def find(self, user_id: str, address_id: str) -> Address:
        return self.books.get(user_id, AddressBook(user_id)).find(address_id)

    def save(self, book: AddressBook) -> None:
        self.books[book.user_id] = deepcopy(book)

    def answered(self, user_id: str, claim: SignUpClaim | None) -> dict | None:
        for (owner, known), (answer, _) in self.keys.items():
            if claim and (owner, known.key_hash) == (user_id, claim.key_hash):
                if known != claim:
                    raise idempotency_key_reused()
                return deepcopy(answer)
        return None

    def answer(
        self, user_id: str, claim: SignUpClaim | None, answer: dict, now: datetime
    ) -> None:
        if claim:
            self.keys[(user_id, claim)] = (deepcopy(answer), now)

    def forget_keys(self, before: datetime) -> None:
        self.keys = {k: kept for k, kept in self.keys.items() if kept[1] >= before}


class FakeMail:
    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str, str | None]] = []

    def send(self, to: str, subject: str, text: str, cause: str | None = None) -> None:
        self.letters.append((to, subject, text, cause))


class FakeCarts:
    def __init__(self) -> None:
        self.wishes: dict[str, dict[str, Wish]] = {}
        self.versions: dict[str, int] = {}

    def find(self, customer_id: str) -> tuple[list[Wish], int]:
        wishes = self.wishes.get(customer_id, {})
        version = self.versions.get(customer_id, 0)
        return [wishes[product_id] for product_id in sorted(wishes)], version

    def put(self, customer_id: str, wish: Wish) -> None:
        self.wishes.setdefault(customer_id, {})[wish.product_id] = wish
        self.bump(customer_id)

    def remove(self, customer_id: str, product_id: str) -> None:
        self.wishes.get(customer_id, {}).pop(product_id, None)
        self.bump(customer_id)

    def take_out(self, customer_id: str, bought: list[dict]) -> None:
        wishes = self.wishes.get(customer_id, {})
        for item in bought:
            wish = wishes.get(item["product_id"])
            if wish and wish.quantity == item["quantity"]:
                del wishes[item["product_id"]]
        self.bump(customer_id)

    def merge(self, guest: str, customer_id: str) -> None:
        brought = self.wishes.pop(guest, {})
        self.versions.pop(guest, None)
        own = self.wishes.setdefault(customer_id, {}) if brought else {}
        for product_id, wish in sorted(brought.items()):
            had = own[product_id].quantity if product_id in own else 0
            quantity = min(wish.quantity + had, MOST_PIECES)
            if had or len(own) < MOST_PRODUCTS:
                own[product_id] = replace(wish, quantity=quantity)
        if brought:
            self.bump(customer_id)

    def clear(self, customer_id: str) -> None:
        self.wishes.pop(customer_id, None)
        self.bump(customer_id)

    def forget(self, customer_id: str) -> None:
        self.wishes.pop(customer_id, None)
        self.versions.pop(customer_id, None)

    def bump(self, customer_id: str) -> None:
        self.versions[customer_id] = self.versions.get(customer_id, 0) + 1


class FakePayments:
    """A provider that does what ``outcomes`` say, then authorises."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes = list(outcomes)
        self.authorised: dict[str, Money] = {}
        self.charged: dict[str, Money] = {}
        self.refunded: dict[str, Money] = {}
        self.voided: set[str] = set()
        self.given_back: set[str] = set()

    def begin(self, payments: object, wanted: Operation) -> Asking:
        return Asking(Payment(wanted.order_id, "fake", wanted.amount), wanted)

    def ask(self, asking: Asking, token: str | None = None) -> Answer:
        asked = asking.operation
        try:
            return Answer((asked,), getattr(self, asked.kind)(asked))
        except Conflict as refusal:
            return Answer(refusal=refusal)

    def note(self, payments: object, answer: Answer) -> PaymentStatus | None:
        if answer.operations and answer.operations[0].kind is Kind.VOID:
            gone = answer.operations[0].order_id in self.given_back
            return PaymentStatus.REFUNDED if gone else PaymentStatus.VOIDED
        return answer.status

    def settle(
        self, wanted: Operation, token: str | None = None
    ) -> PaymentStatus | None:
        answer = self.ask(self.begin(None, wanted), token)
        if answer.refusal:
            raise answer.refusal
        return self.note(None, answer)

    def authorise(self, asked: Operation) -> PaymentStatus:
        self.must_stand(asked.order_id)
        self.must_answer()
        self.authorised[asked.order_id] = asked.amount
        return PaymentStatus.AUTHORISED

    def capture(self, asked: Operation) -> PaymentStatus:
        self.must_stand(asked.order_id)
        self.charged[asked.order_id] = self.authorised[asked.order_id]
        return PaymentStatus.CAPTURED

    def void(self, asked: Operation) -> None:
        self.voided.add(asked.order_id)
        if self.charged.pop(asked.order_id, None):
            self.given_back.add(asked.order_id)

    def refund(self, asked: Operation) -> None:
        self.must_answer()
        self.refunded[asked.key.removesuffix(":refund")] = asked.amount

    def must_stand(self, order_id: str) -> None:
        if order_id in self.voided:
            raise errors.payment_declined("voided")

    def must_answer(self) -> None:
        trouble = self.outcomes.pop(0) if self.outcomes else None
        if trouble:
            raise trouble


class FakeShelf:
    """``product_service`` as the checkout sees it."""

    def __init__(self, quotes: list[dict], *outcomes: Exception | None) -> None:
        self.quotes = {quote["id"]: quote for quote in quotes}
        self.outcomes = list(outcomes)
        self.held: dict[str, dict[str, int]] = {}
        self.released: set[str] = set()

    def quote_products(self, product_ids: list[str]) -> list[dict]:
        return [self.quotes[one] for one in product_ids if one in self.quotes]

    def reserve_stock(self, order_id: str, items: list[dict]) -> None:
        trouble = self.outcomes.pop(0) if self.outcomes else None
        if trouble:
            raise trouble
        if order_id in self.released:
            raise Conflict("reservation_released", "Released")
        self.held[order_id] = {item["product_id"]: item["quantity"] for item in items}

    def commit_stock(self, order_id: str) -> None:
        if order_id not in self.held:
            raise Conflict("reservation_released", "Released")

    def release_stock(self, order_id: str) -> None:
        self.released.add(order_id)
        self.held.pop(order_id, None)


def away() -> Unavailable:
    return Unavailable("service_unavailable", "Away")


class FakePerson:
    """``identity`` of a worker whose call came with this caller's token."""

    def __init__(self, *roles: str, seller_id: str | None = None, id: str = CUSTOMER):
        self.visitor = Caller(id, "s1", frozenset(roles), seller_id)

    @property
    def caller(self) -> Caller:
        return self.visitor

    def only(self, *roles: str) -> Caller:
        if self.visitor.roles.isdisjoint(roles):
            raise role_required(roles)
        return self.visitor
