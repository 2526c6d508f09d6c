import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.replay.accounts import Accounts, local_part
from ops.replay.invoices import Invoice

patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ACCOUNTS = Accounts("a secret")
NAMES = st.text(min_size=1, max_size=80)


def test_a_customer_is_known_by_its_id():
    buyer = ACCOUNTS.buyer(Invoice("100001", customer="90001"))

    assert buyer.email == "customer-90001@replay.example"
    assert buyer.full_name == "Customer 90001"


def test_an_invoice_without_customer_is_a_guest_of_its_own():
    assert ACCOUNTS.buyer(Invoice("100001")).email == "guest-100001@replay.example"


def test_a_seller_is_known_by_two_characters():
    assert ACCOUNTS.seller("85").email == "seller-85@replay.example"


def test_the_same_secret_makes_the_same_password():
    assert ACCOUNTS.seller("85") == Accounts("a secret").seller("85")


def test_another_secret_or_account_has_another_password():
    passwords = {
        ACCOUNTS.seller("85").password,
        ACCOUNTS.seller("84").password,
        Accounts("another").seller("85").password,
    }

    assert len(passwords) == 3
    assert all(re.fullmatch(r"[\w-]{32}", password) for password in passwords)


@patiently
@given(NAMES)
def test_any_name_is_safe_in_an_address(name):
    assert re.fullmatch(r"[a-z0-9_]{1,50}", local_part(name))


@patiently
@given(NAMES, NAMES)
def test_different_names_stay_different(one, other):
    assert (local_part(one) == local_part(other)) == (one == other)


def test_case_makes_a_difference():
    assert (
        len({local_part(name) for name in ("a", "A", "_41", "A" * 99, "a" * 99)}) == 5
    )
