"""Cursors are opaque, and survive whatever a client sends instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Invalid
from common.ids import new_id
from common.pages import PageDraft, encode, page
from common.schemas import parse


def test_the_next_page_starts_after_the_last_item():
    ids = [new_id() for _ in range(3)]

    listed = page(ids, 2, dump=str, position=lambda one: [one])

    assert listed["items"] == ids[:2]
    query = parse(PageDraft, {"cursor": listed["next"]})
    assert query["cursor"] == [ids[1]]


def test_the_last_page_has_no_next():
    assert page([new_id()], 2, dump=str, position=list)["next"] is None


@pytest.mark.parametrize(
    "position",
    [[], ["x"], [{"$gt": ""}, new_id()], [True, new_id()], "x", [1, 2, new_id()]],
)
def test_a_position_we_never_made_is_refused(position):
    with pytest.raises(Invalid):
        parse(PageDraft, {"cursor": encode(position)})


@given(st.text(max_size=200).filter(lambda text: len(text) < 36))
def test_a_text_too_short_for_a_position_is_refused(text):
    with pytest.raises(Invalid) as refusal:
        parse(PageDraft, {"cursor": text})

    assert list(refusal.value.details) == ["cursor"]
