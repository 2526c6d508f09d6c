"""How a shop gets its first admin."""

from common.ids import new_id
from tests.client import PASSWORD


def test_the_first_admin_is_made_from_outside(stack, stranger):
    email = f"{new_id()}@example.com"
    person = {"email": email, "password": PASSWORD, "full_name": "Ada Example"}
    stranger.post("/v1/users", person)

    granted = stack.shopnow("grant", email, "admin")

    assert granted.returncode == 0, granted.stdout
    assert granted.stdout == f"{email}: admin, customer\n"
    assert stranger.signed_in(email, PASSWORD).get("/v1/users").status == 200


def test_nobody_is_granted_nothing(stack):
    refused = stack.shopnow("grant", "nobody@example.com", "admin")

    assert refused.returncode == 1
    assert "nobody has signed up as nobody@example.com" in refused.stdout


def test_a_shop_is_not_granted(stack):
    assert stack.shopnow("grant", "nobody@example.com", "seller").returncode == 2
