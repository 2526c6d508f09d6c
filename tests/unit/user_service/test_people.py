"""Entrypoints of user_service for those who have signed up."""

from datetime import timedelta
from unittest.mock import create_autospec

import pytest
from nameko.testing.services import worker_factory

from common.errors import Conflict, Forbidden, Invalid, NotFound
from common.idempotency import LIFE
from common.ids import new_id
from common.mail import Mail, MailAway
from order_service.service import OrderService
from product_service.service import ProductService
from tests.builders import ADDRESS, CUSTOMER, a_profile
from tests.fakes import FakeClock, FakeMail, FakePerson, FakeProfiles
from user_service.auth import AuthService
from user_service.service import UserService

ACCOUNT = {"id": CUSTOMER, "roles": ["customer"], "seller_id": None}


@pytest.fixture
def profiles():
    store = FakeProfiles()
    store.add(a_profile(id=CUSTOMER))
    return store


@pytest.fixture
def users(profiles):
    service = worker_factory(
        UserService,
        store=profiles,
        clock=FakeClock(),
        mail=FakeMail(),
        identity=FakePerson("customer"),
        auth=create_autospec(AuthService, instance=True),
        orders=create_autospec(OrderService, instance=True),
        products=create_autospec(ProductService, instance=True),
    )
    service.auth.get_account.return_value = ACCOUNT
    return service


def an_event(**data):
    return {"id": "event-1", "data": data}


class TestProfile:
    def test_a_name_can_be_changed(self, users):
        assert users.change_user({"full_name": " Ada King "})["full_name"] == "Ada King"
        assert users.get_user()["full_name"] == "Ada King"

    def test_nothing_said_is_nothing_changed(self, users):
        assert users.change_user({}) == users.get_user()

    @pytest.mark.parametrize(
        "draft",
        [
            {"email": "eve@example.com"},
            {"full_name": None},
            {"full_name": ""},
            {"roles": ["admin"]},
            {"id": new_id()},
        ],
    )
    def test_the_rest_cannot(self, users, draft):
        before = users.get_user()

        with pytest.raises(Invalid) as refusal:
            users.change_user(draft)

        assert list(refusal.value.details) == list(draft)
        assert users.get_user() == before


class TestPreferences:
    def test_they_are_replaced_as_a_whole(self, users):
        wanted = {"language": "de", "currency": "GBP", "marketing_consent": True}

        assert users.put_preferences(wanted) == wanted
        assert users.get_preferences() == wanted

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("language", "xx"),
            ("currency", "EUR"),
            ("marketing_consent", "yes"),
            ("marketing_consent", 1),
        ],
    )
    def test_what_we_cannot_do_is_refused(self, users, name, value):
        with pytest.raises(Invalid) as refusal:
            users.put_preferences(users.get_preferences() | {name: value})

        assert list(refusal.value.details) == [name]


class TestAddresses:
    def test_what_is_not_there_is_not_shown(self, users):
        added = users.add_address(ADDRESS | {"phone": None})["address"]

        assert added == ADDRESS | {"id": added["id"], "is_default": True}
        assert users.get_address(added["id"]) == added
        assert users.list_addresses({}) == {"items": [added], "next": None}

    def test_null_takes_a_field_away(self, users):
        phone = {"phone": "+44 1"}
        address_id = users.add_address(ADDRESS | phone)["address"]["id"]

        changed = users.change_address(address_id, {"phone": None, "city": "York"})

        assert "phone" not in changed
        assert changed["city"] == "York"

    @pytest.mark.parametrize(
        "draft",
        [
            {"line1": None},
            {"country": "UK"},
            {"is_default": None},
            {"is_default": "yes"},
            {"user_id": CUSTOMER},
            {"phone": "1" * 31},
        ],
    )
    def test_a_change_that_makes_no_sense_is_refused(self, users, draft):
        address_id = users.add_address(ADDRESS)["address"]["id"]

        with pytest.raises(Invalid) as refusal:
            users.change_address(address_id, draft)

        assert list(refusal.value.details) == list(draft)

    def test_the_same_key_adds_once(self, users):
        first = users.add_address(ADDRESS, "k1", "f1")
        users.change_address(first["address"]["id"], {"city": "York"})

        again = users.add_address(ADDRESS, "k1", "f1")

        assert again == {"address": first["address"], "replayed": True}
        assert len(users.list_addresses({})["items"]) == 1

    def test_a_key_is_each_persons_own(self, users, profiles):
        users.add_address(ADDRESS, "k1", "f1")
        other = a_profile(id=new_id())
        profiles.add(other)
        users.identity = FakePerson("customer", id=other.id)

        assert users.add_address(ADDRESS, "k1", "f2")["replayed"] is False

    def test_a_key_is_kept_a_day(self, users):
        users.add_address(ADDRESS, "k1", "f1")
        users.clock.moment += LIFE + timedelta(seconds=1)

        users.prune_keys()

        assert users.add_address(ADDRESS, "k1", "f1")["replayed"] is False

    def test_another_persons_address_does_not_exist(self, users, profiles):
        address_id = users.add_address(ADDRESS)["address"]["id"]
        other = a_profile(id=new_id())
        profiles.add(other)
        users.identity = FakePerson("customer", id=other.id)

        for use in (
            lambda: users.get_address(address_id),
            lambda: users.change_address(address_id, {"city": "York"}),
            lambda: users.remove_address(address_id),
        ):
            with pytest.raises(NotFound):
                use()
        assert users.list_addresses({})["items"] == []

    def test_there_is_an_end_to_them(self, users):
        for _ in range(50):
            users.add_address(ADDRESS)

        with pytest.raises(Conflict):
            users.add_address(ADDRESS)


class TestAdmin:
    def test_everybody_is_listed_the_newest_first(self, users, profiles):
        profiles.add(a_profile(id=new_id()))
        users.identity = FakePerson("admin")

        first = users.list_users({"limit": "1"})
        rest = users.list_users({"limit": "1", "cursor": first["next"]})

        found = [first["items"][0]["id"], rest["items"][0]["id"]]
        assert found == sorted(profiles.profiles, reverse=True)

    def test_one_is_shown_with_their_roles(self, users):
        users.identity = FakePerson("admin")

        found = users.get_any_user(CUSTOMER)

        assert (found["id"], found["roles"]) == (CUSTOMER, ["customer"])

    def test_nobody_else_may(self, users):
        for use in (
            lambda: users.list_users({}),
            lambda: users.get_any_user(CUSTOMER),
        ):
            with pytest.raises(Forbidden):
                use()


class TestExport:
    def test_all_that_is_kept_is_in_it(self, users):
        address = users.add_address(ADDRESS)["address"]
        pages = [
            {"items": [{"id": "o1"}], "next": "more"},
            {"items": [{"id": "o2"}], "next": None},
        ]
        users.orders.list_orders.side_effect = pages
        users.orders.get_cart.return_value = {"items": []}
        users.products.get_own_seller.return_value = {"id": "s1"}

        assert users.export_user() == {
            "user": users.get_user(),
            "account": ACCOUNT,
            "preferences": users.get_preferences(),
            "addresses": [address],
            "orders": [{"id": "o1"}, {"id": "o2"}],
            "cart": {"items": []},
            "shop": {"id": "s1"},
        }
        asked = [call.kwargs["query"] for call in users.orders.list_orders.mock_calls]
        assert asked == [{"limit": 100}, {"limit": 100, "cursor": "more"}]

    def test_who_has_no_shop_and_cannot_order_has_none_of_it(self, users):
        users.identity = FakePerson("support")
        users.products.get_own_seller.side_effect = NotFound("seller_not_found", "No")

        exported = users.export_user()

        assert exported["orders"] == []
        assert (exported["cart"], exported["shop"]) == (None, None)
        users.orders.get_cart.assert_not_called()


class TestErasure:
    def test_nothing_is_left_and_the_others_are_told_once(self, users, profiles):
        users.add_address(ADDRESS, "k1", "f1")

        users.erase_user()
        users.erase_user()

        assert profiles.profiles == {}
        assert [event.type for event in profiles.events] == ["user.erased"]
        with pytest.raises(NotFound):
            users.get_user()


class TestLetters:
    def test_whoever_signed_up_is_welcomed(self, users):
        users.on_user_registered(an_event(user_id=CUSTOMER))

        [(to, subject, _, cause)] = users.mail.letters
        assert (to, subject, cause) == (
            "ada@example.com",
            "Welcome to ShopNow",
            "event-1",
        )

    def test_an_order_is_confirmed_to_who_placed_it(self, users):
        price = {"amount": 450, "currency": "GBP"}
        item = {"product_id": "p", "title": "Tea", "quantity": 1, "unit_price": price}

        users.on_order_confirmed(
            an_event(
                customer_id=CUSTOMER, number="100001", items=[item], total=price, more=1
            )
        )

        [(to, subject, text, cause)] = users.mail.letters
        assert (to, cause) == ("ada@example.com", "event-1")
        assert "100001" in subject
        assert "1 x Tea" in text

    def test_an_event_that_comes_again_writes_no_second_letter(self, users):
        for _ in range(2):
            users.on_user_registered(an_event(user_id=CUSTOMER))

        assert len(users.mail.letters) == 1

    def test_who_is_gone_by_then_hears_nothing(self, users):
        users.erase_user()

        users.on_user_registered(an_event(user_id=CUSTOMER))

        assert users.mail.letters == []

    def test_a_mail_server_that_is_away_is_waited_for(self, users, monkeypatch):
        pauses = []
        monkeypatch.setattr("common.events.time.sleep", pauses.append)
        users.mail = create_autospec(Mail, instance=True)
        users.mail.send.side_effect = [MailAway("away"), MailAway("away"), None]

        users.on_user_registered(an_event(user_id=CUSTOMER))

        assert users.mail.send.call_count == 3
        assert pauses == sorted(pauses)
        assert {call.args[-1] for call in users.mail.send.mock_calls} == {"event-1"}
