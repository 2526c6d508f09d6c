"""MongoDB keeps a key with what was made under it: both, or neither."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Forbidden, Invalid
from common.idempotency import LIFE
from common.ids import new_id
from product_service.service import ProductService
from product_service.storage import schema
from product_service.storage.provider import ProductDoor, connect
from tests.builders import a_product_draft
from tests.fakes import FakeClock, FakePerson
from user_service.auth import AuthService

SHOP = {"name": "Leaf & Co"}


class Crash(BaseException):
    """The process ends here; nothing after it is run."""


@pytest.fixture(scope="module")
def client(stack):
    client = connect(stack.operator["PRODUCT_MONGO_URI"])
    yield client
    client.close()


@pytest.fixture
def database(client):
    return client.get_default_database()


@pytest.fixture
def clock():
    clock = FakeClock()
    clock.moment = datetime.now(UTC)
    return clock


@pytest.fixture
def service(client, clock):
    auth = create_autospec(AuthService, instance=True)
    return worker_factory(
        ProductService,
        store=ProductDoor(client),
        auth=auth,
        clock=clock,
        identity=FakePerson("admin"),
    )


def sign_in(service, *roles, **whose):
    service.identity = FakePerson("admin", *roles, **whose)


@pytest.fixture
def seller_id(service):
    """An active seller's."""
    sign_in(service, id=new_id())
    shop = service.register_seller(SHOP)["seller"]
    sign_in(service, "seller", seller_id=shop["id"])
    service.change_seller_status(shop["id"], {"status": "active"})
    return shop["id"]


def offer(service, key=None, fingerprint="f", **changes):
    return service.create_product(a_product_draft(**changes), key, fingerprint)


def test_the_same_request_has_the_same_answer(service, seller_id):
    key = new_id()

    first = offer(service, key)
    again = offer(service, key)

    assert first["replayed"] is False
    assert again == {"product": first["product"], "replayed": True}


def test_an_answer_stays_as_it_was_given(service, database, seller_id):
    key = new_id()
    first = offer(service, key)
    mine = {"_id": first["product"]["id"]}
    database.products.update_one(mine, {"$set": {"title": "Another"}})
    service.change_seller_status(seller_id, {"status": "suspended"})

    assert offer(service, key)["product"] == first["product"]


def test_another_request_is_refused(service, seller_id):
    key = new_id()
    offer(service, key)

    with pytest.raises(Invalid) as refusal:
        offer(service, key, "other", sku="TEA-2")

    assert refusal.value.code == "idempotency_key_reused"


def test_a_key_belongs_to_one_seller(service, seller_id, database):
    key = new_id()
    offer(service, key)
    sign_in(service, id=new_id())
    other = service.register_seller(SHOP)["seller"]["id"]
    sign_in(service, "seller", seller_id=other)

    with pytest.raises(Forbidden):
        offer(service, key)
    assert database.idempotency_keys.count_documents({"_id.key": key}) == 1


def test_a_refusal_keeps_no_key(service, seller_id):
    offer(service)
    key = new_id()
    with pytest.raises(Conflict) as refusal:
        offer(service, key)

    made = offer(service, key, "other", sku="TEA-2")

    assert refusal.value.code == "sku_taken"
    assert made["replayed"] is False


def test_a_crash_keeps_neither_key_nor_product(service, seller_id, database):
    def crash(product, session):
        service.store.products.add(product, session)
        raise Crash

    service.offer, key = crash, new_id()
    with pytest.raises(Crash):
        offer(service, key)

    assert database.products.count_documents({"seller_id": seller_id}) == 0
    assert database.idempotency_keys.count_documents({"_id.key": key}) == 0


def test_many_at_once_make_one_product(service, seller_id, database):
    key = new_id()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: offer(service, key), range(50)))

    assert len({answer["product"]["id"] for answer in answers}) == 1
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert database.products.count_documents({"seller_id": seller_id}) == 1


def test_many_at_once_open_one_shop(service):
    key = new_id()
    sign_in(service, id=new_id())

    def apply(_):
        return service.register_seller(SHOP, key, "f")

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(apply, range(50)))

    assert len({answer["seller"]["id"] for answer in answers}) == 1
    assert [answer["replayed"] for answer in answers].count(False) == 1


def test_mongodb_is_told_to_forget_a_key_after_a_day(
    service, seller_id, clock, database
):
    """It looks for them by itself, once a minute; that takes a date and an index."""
    key = new_id()
    offer(service, key, sku="YOUNG")

    kept = database.idempotency_keys.find_one({"_id.key": key})
    assert abs(kept["at"].replace(tzinfo=UTC) - clock.moment) < timedelta(seconds=1)
    (index,) = [
        index
        for index in database.idempotency_keys.index_information().values()
        if index["key"] == [("at", 1)]
    ]
    assert index["expireAfterSeconds"] == LIFE.total_seconds() == 24 * 3600


def test_a_key_of_before_is_answered_and_forgotten_like_any_other(database):
    name = {"seller_id": new_id(), "key": "k1"}
    level = {"on_hand": 5, "reserved": 0, "available": 5, "movement_id": new_id()}
    database.idempotency_keys.insert_one(
        {"_id": name, "fingerprint": "f", "level": level}
    )

    schema.migrate(database)

    migrated = database.idempotency_keys.find_one({"_id": name})
    assert migrated["answer"] == level
    assert isinstance(migrated["at"], datetime)


class TestVersions:
    def test_a_shop_starts_at_one_and_counts_its_changes(self, service):
        sign_in(service, id=new_id())
        shop = service.register_seller(SHOP)["seller"]
        first = service.change_seller_status(shop["id"], {"status": "active"}, 1)
        again = service.change_seller_status(shop["id"], {"status": "active"}, 2)
        ended = service.change_seller_status(shop["id"], {"status": "suspended"}, 2)

        versions = [one["version"] for one in (shop, first, again, ended)]
        assert versions == [1, 2, 2, 3]
        assert service.get_seller(shop["id"]) == ended

    def test_who_read_an_older_version_is_refused(self, service, seller_id):
        service.auth.reset_mock()

        with pytest.raises(Conflict) as refusal:
            service.change_seller_status(seller_id, {"status": "suspended"}, 1)

        assert refusal.value.code == "stale"
        assert service.get_seller(seller_id)["status"] == "active"
        service.auth.set_seller.assert_not_called()

    def test_one_of_many_who_read_the_same_version_decides(self, service, seller_id):
        def decide(_):
            try:
                service.change_seller_status(seller_id, {"status": "suspended"}, 2)
            except Conflict as refusal:
                return refusal.code
            return "decided"

        with ThreadPoolExecutor(10) as pool:
            outcomes = list(pool.map(decide, range(10)))

        assert sorted(outcomes) == ["decided"] + ["stale"] * 9

    def test_who_decides_too_late_leaves_what_was_decided(self, service, seller_id):
        told = []

        def suspend_meanwhile(user_id, seller_id, active):
            told.append(active)
            if len(told) == 1:
                service.change_seller_status(seller_id, {"status": "suspended"}, 2)

        offer(service)
        service.change_seller_status(seller_id, {"status": "active"}, 2)
        service.auth.set_seller.side_effect = suspend_meanwhile

        with pytest.raises(Conflict) as refusal:
            service.change_seller_status(seller_id, {"status": "active"}, 2)

        assert refusal.value.code == "stale"
        assert told[-1] is False
        assert service.list_products({"seller_id": seller_id})["items"] == []

    def test_a_shop_of_before_is_at_version_one(self, service, database):
        sign_in(service, id=new_id())
        shop = service.register_seller(SHOP)["seller"]
        database.command("collMod", "sellers", validator={})
        mine = {"_id": shop["id"]}
        database.sellers.update_one(mine, {"$unset": {"version": True}})

        schema.migrate(database)

        active = service.change_seller_status(shop["id"], {"status": "active"}, 1)
        assert active["version"] == 2
