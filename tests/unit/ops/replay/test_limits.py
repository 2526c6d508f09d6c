import pytest

from ops.replay import limits
from ops.replay.invoices import Invoice, Product
from order_service import schemas


def an_invoice(*quantities):
    return Invoice(
        "1", lines={Product("12345", n): q for n, q in enumerate(quantities)}
    )


def test_they_are_those_of_the_shop():
    shops = (schemas.orders.MOST_LINES, schemas.orders.MOST_PIECES)

    assert shops == (limits.MOST_LINES, limits.MOST_PIECES)


@pytest.mark.parametrize("quantities", [[1], [10_000] * 1_000])
def test_what_keeps_to_them_is_taken(quantities):
    assert limits.refusal_of(an_invoice(*quantities)) is None


@pytest.mark.parametrize(
    ("quantities", "code"),
    [
        ([1] * 1_001, "too_many_lines"),
        ([1, 10_001, 1], "too_many_pieces"),
        ([10_001] * 1_001, "too_many_lines"),
    ],
)
def test_there_is_one_reason_for_what_does_not(quantities, code):
    assert limits.refusal_of(an_invoice(*quantities)).code == code
