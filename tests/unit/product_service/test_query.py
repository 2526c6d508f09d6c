"""What may be looked for, and in which order it comes."""

import pytest

from common.errors import Invalid
from common.ids import new_id
from common.pages import encode
from common.schemas import parse
from product_service.domain.query import Sort
from product_service.schemas import ProductQueryDraft


def parsed(**query):
    return parse(ProductQueryDraft, query)


def test_the_newest_come_first_when_nothing_is_asked():
    assert parsed().order is Sort.NEWEST


def test_words_sort_by_relevance():
    assert parsed(q="mug").order is Sort.RELEVANCE


def test_relevance_without_words_means_the_newest():
    assert parsed(sort="relevance").order is Sort.NEWEST


def test_query_strings_become_values():
    query = parsed(min_price="100", max_price="250", in_stock="true", limit="5")

    assert (query.min_price, query.max_price, query.in_stock, query.limit) == (
        100,
        250,
        True,
        5,
    )


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "101"},
        {"limit": "x"},
        {"sort": "cheapest"},
        {"min_price": "-1"},
        {"in_stock": "perhaps"},
        {"seller_id": "x"},
        {"q": ""},
        {"q": "x" * 201},
        {"page": "2"},
    ],
)
def test_what_makes_no_sense_is_named(query):
    with pytest.raises(Invalid) as refusal:
        parsed(**query)

    assert set(refusal.value.details) == set(query)


def test_a_cursor_of_another_order_is_refused():
    by_price = encode([250, 1_700_000_000, 1, new_id()])

    assert parsed(sort="price", cursor=by_price).cursor
    with pytest.raises(Invalid):
        parsed(sort="newest", cursor=by_price)


@pytest.mark.parametrize(
    "keys", [[], [250], [250, 1], [-1, 1, 1], [2.5, 1, 1], [250, 2**32, 1], [1] * 4]
)
def test_a_place_that_we_never_told_is_refused(keys):
    with pytest.raises(Invalid) as refusal:
        parsed(sort="price", cursor=encode([*keys, new_id()]))

    assert list(refusal.value.details) == ["cursor"]
