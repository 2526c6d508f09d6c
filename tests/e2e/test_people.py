"""People and what they tell the shop about themselves, seen from a storefront."""

from concurrent.futures import ThreadPoolExecutor
from secrets import token_hex

import pytest

from common.ids import new_id
from tests.builders import ADDRESS
from tests.client import eventually
from tests.e2e.test_identity import letters
from tests.stores import everything

ADDRESSES = "/v1/users/me/addresses"
PREFERENCES = "/v1/users/me/preferences"


def added(person, **changes):
    made = person.post(ADDRESSES, ADDRESS | changes)
    assert made.status == 201, made.raw
    return made.body


def defaults(person):
    listed = person.get(f"{ADDRESSES}?limit=100").body["items"]
    return [address["id"] for address in listed if address["is_default"]]


class TestProfile:
    def test_a_name_is_changed_and_an_address_is_not(self, newcomer):
        email = newcomer.get("/v1/users/me").body["email"]

        changed = newcomer.patch("/v1/users/me", {"full_name": "Ada King"})
        refused = newcomer.patch("/v1/users/me", {"email": "eve@example.com"})

        assert (changed.status, changed.body["full_name"]) == (200, "Ada King")
        assert (refused.status, list(refused.body["errors"])) == (422, ["email"])
        assert newcomer.get("/v1/users/me").body == changed.body
        assert changed.body["email"] == email

    def test_it_is_between_the_person_and_us(self, newcomer):
        for path in ("/v1/users/me", PREFERENCES, ADDRESSES, "/v1/users/me/export"):
            answer = newcomer.get(path)
            assert answer.status == 200, answer.raw
            assert answer.headers["Cache-Control"] == "private, no-store"

    def test_preferences_are_replaced(self, newcomer):
        assert newcomer.get(PREFERENCES).body["marketing_consent"] is False
        wanted = {"language": "de", "currency": "GBP", "marketing_consent": True}

        assert newcomer.put(PREFERENCES, wanted).body == wanted
        assert newcomer.get(PREFERENCES).body == wanted
        assert newcomer.put(PREFERENCES, {"language": "de"}).status == 422


class TestAddresses:
    def test_one_is_the_default_whatever_happens(self, newcomer):
        first, second = added(newcomer), added(newcomer)
        assert defaults(newcomer) == [first["id"]]

        path = f"{ADDRESSES}/{second['id']}"
        assert newcomer.patch(path, {"is_default": True}).body["is_default"] is True
        assert defaults(newcomer) == [second["id"]]

        refused = newcomer.patch(path, {"is_default": False})
        assert (refused.status, refused.code) == (422, "invalid")
        assert list(refused.body["errors"]) == ["is_default"]

        assert newcomer.delete(path).status == 204
        assert defaults(newcomer) == [first["id"]]
        assert newcomer.get(path).code == "address_not_found"

    def test_an_address_is_found_where_its_location_says(self, newcomer):
        made = newcomer.post(ADDRESSES, ADDRESS | {"phone": "+44 113 496 0000"})

        found = newcomer.get(made.headers["Location"])

        assert found.body == made.body
        assert found.headers["ETag"] == made.headers["ETag"]
        assert found.body.items() >= ADDRESS.items()

    def test_the_same_key_adds_one(self, newcomer):
        key = new_id()
        first = newcomer.post(ADDRESSES, ADDRESS, Idempotency_Key=key)
        again = newcomer.post(ADDRESSES, ADDRESS, Idempotency_Key=key)
        other = newcomer.post(ADDRESSES, ADDRESS | {"city": "X"}, Idempotency_Key=key)

        assert again.raw == first.raw
        assert again.headers["Idempotent-Replayed"] == "true"
        assert other.code == "idempotency_key_reused"
        assert len(newcomer.get(ADDRESSES).body["items"]) == 1

    def test_many_at_once_leave_one_default_and_no_key_twice(self, newcomer):
        key = new_id()

        def add(number):
            options = {"Idempotency_Key": key} if number % 2 else {}
            draft = ADDRESS | {"is_default": number % 3 == 0}
            return newcomer.post(
                ADDRESSES, draft if number % 2 == 0 else ADDRESS, **options
            ).status

        with ThreadPoolExecutor(8) as pool:
            statuses = set(pool.map(add, range(24)))

        assert statuses == {201}
        assert len(newcomer.get(f"{ADDRESSES}?limit=100").body["items"]) == 13
        assert len(defaults(newcomer)) == 1

    def test_they_have_an_end(self, newcomer):
        for _ in range(50):
            added(newcomer)

        assert newcomer.post(ADDRESSES, ADDRESS).code == "too_many_addresses"

    def test_another_persons_is_not_there(self, newcomer, customer):
        path = f"{ADDRESSES}/{added(newcomer)['id']}"

        answers = [
            customer.get(path),
            customer.patch(path, {"city": "York"}),
            customer.delete(path),
        ]

        assert [answer.status for answer in answers] == [404] * 3
        assert newcomer.get(path).body["city"] == "Leeds"

    def test_an_order_goes_to_one_by_its_id(self, newcomer, customer, product):
        address = added(newcomer, line2="Flat 2")
        order = {
            "items": [{"product_id": product(stock=2), "quantity": 1}],
            "shipping_address_id": address["id"],
            "payment": {"method": "card", "token": "tok_visa"},
        }

        placed = newcomer.post("/v1/orders", order, Idempotency_Key=new_id())
        foreign = customer.post("/v1/orders", order, Idempotency_Key=new_id())

        assert placed.status == 201, placed.raw
        assert placed.body["shipping_address"] == ADDRESS | {"line2": "Flat 2"}
        assert foreign.status == 422
        assert list(foreign.body["errors"]) == ["shipping_address_id"]


class TestAtRest:
    def test_no_store_holds_a_street_or_a_phone_that_can_be_read(
        self, stack, newcomer, product
    ):
        marks = {name: token_hex(15) for name in ("line1", "line2", "phone")}
        address = added(newcomer, **marks)
        bought = {"product_id": product(stock=3), "quantity": 1}
        for where in (
            {"shipping_address_id": address["id"]},
            {"shipping_address": ADDRESS | marks},
        ):
            order = where | {
                "items": [bought],
                "payment": {"method": "card", "token": "tok_visa"},
            }
            key = new_id()
            first = newcomer.post("/v1/orders", order, Idempotency_Key=key)
            again = newcomer.post("/v1/orders", order, Idempotency_Key=key)
            assert (first.status, again.raw) == (201, first.raw)
            assert first.body["shipping_address"]["line1"] == marks["line1"]

        held = everything(stack)

        assert address["id"] in held
        assert [name for name, mark in marks.items() if mark in held] == []


class TestExport:
    def test_all_that_is_kept_is_in_it(self, newcomer, product):
        newcomer.put(
            PREFERENCES,
            {"language": "fr", "currency": "GBP", "marketing_consent": True},
        )
        address = added(newcomer)
        product_id = product(stock=3)
        orders = [newcomer.place({product_id: 1}).body["id"] for _ in range(2)]
        cart = newcomer.put(f"/v1/cart/items/{product_id}", {"quantity": 1}).body
        shop = newcomer.post("/v1/sellers", {"name": "Ada's"}).body

        exported = newcomer.get("/v1/users/me/export").body

        assert exported["user"] == newcomer.get("/v1/users/me").body
        assert exported["account"]["id"] == exported["user"]["id"]
        assert exported["account"]["roles"] == ["customer"]
        assert exported["preferences"]["language"] == "fr"
        assert exported["addresses"] == [address]
        assert [order["id"] for order in exported["orders"]] == orders[::-1]
        assert exported["cart"] == cart
        assert exported["shop"] == shop


class TestAdmin:
    def test_people_are_listed_and_found(self, admin, newcomer):
        me = newcomer.get("/v1/users/me").body

        listed = admin.get("/v1/users?limit=100").body["items"]
        found = admin.get(f"/v1/users/{me['id']}")

        assert me in listed
        assert found.body == me | {"roles": ["customer"], "seller_id": None}
        assert admin.get(f"/v1/users/{new_id()}").code == "user_not_found"

    @pytest.mark.parametrize("path", ["/v1/users", f"/v1/users/{new_id()}"])
    def test_nobody_else_may_look(self, stranger, newcomer, path):
        assert stranger.get(path).status == 401
        assert newcomer.get(path).code == "role_required"


class TestLetters:
    def test_a_newcomer_is_welcomed_and_told_of_the_order(
        self, stack, newcomer, product
    ):
        email = newcomer.get("/v1/users/me").body["email"]
        eventually(lambda: len(letters(stack, email)), 1)

        number = newcomer.place({product(stock=2, title="Blue mug"): 2}).body["number"]

        eventually(lambda: len(letters(stack, email)), 2)
        welcome, confirmed = letters(stack, email)
        assert "thank you for signing up at ShopNow" in welcome
        assert f"your order {number}" in confirmed
        assert "2 x Blue mug, £4.50 each" in confirmed
        assert "Total: £9.00" in confirmed
