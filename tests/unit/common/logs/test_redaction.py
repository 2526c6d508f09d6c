"""An argument is shown when it is known to be harmless, and not otherwise."""

import pytest

from common.ids import new_id
from common.logs.redaction import shown

ID = new_id()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("order_id", ID),
        ("product_ids", [ID, ID]),
        ("limit", 20),
        ("version", None),
        ("active", True),
    ],
)
def test_what_is_harmless_is_shown(name, value):
    assert shown({name: value}) == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("password", "correct horse battery"),
        ("email", "ada@example.com"),
        ("a_name_that_nobody_knows", 5),
        # The name is on the list; what came under it is not what belongs there.
        ("order_id", "ada@example.com"),
        ("limit", "ada@example.com"),
        ("active", "ada@example.com"),
        ("cursor", "ada@example.com"),
    ],
)
def test_all_else_is_not(name, value):
    assert shown({name: value}) == {name: "***"}


def test_of_many_only_those_that_are_ids_are_shown():
    assert shown({"product_ids": [ID, "Ada"]}) == {"product_ids": [ID, "***"]}
    assert shown({"product_ids": [ID] * 500}) == {"product_ids": "500 ids"}


def test_of_a_document_the_names_that_a_client_made_up_are_hidden_as_well():
    draft = {
        "quantity": 2,
        "full_name": "Ada",
        "ada@example.com": 1,
        "lovelace_id": ID,
        "items": [{"product_id": ID}],
    }

    assert shown({"draft": draft}) == {"draft": {"quantity": 2}}
    assert shown({"draft": {"full_name": "Ada"}}) == {"draft": "***"}


def test_an_entrypoint_can_hide_what_would_be_shown():
    given = {"order_id": ID, "draft": {"quantity": 2, "version": 3}}

    assert shown(given, ("order_id", "draft.quantity")) == {
        "order_id": "***",
        "draft": {"version": 3},
    }
    assert shown(given, ("draft",)) == {"order_id": ID, "draft": "***"}
