"""Numbers that would let nobody pass are no limit."""

import pytest

from common.limiting import Quota, quotas_from

BROWSE = Quota("browse", 5, 60)


def test_quotas_are_configuration():
    quotas = quotas_from({"reset": {"quota": "5", "seconds": 3600, "strict": True}})

    assert quotas == {"reset": Quota("reset", 5, 3600, strict=True)}


def test_other_numbers_make_no_strict_limit_a_lenient_one():
    reset = Quota("reset", 5, 60, strict=True)

    changed = reset.changed({"quota": 9, "seconds": 10})

    assert changed == Quota("reset", 9, 10, strict=True)


@pytest.mark.parametrize(
    "wrong", [0, -1, 1.5, "many", None, True, [5], "", "१.५", 10**12]
)
@pytest.mark.parametrize("key", ["quota", "seconds"])
def test_only_whole_numbers_above_nothing_are_taken(key, wrong):
    with pytest.raises(ValueError, match=f"browse: {key}"):
        BROWSE.changed({"quota": 5, "seconds": 60} | {key: wrong})


@pytest.mark.parametrize(
    "wrong", [None, 5, [], {}, {"quota": 5}, {"quota": 5, "seconds": 60, "more": 1}]
)
def test_both_numbers_are_needed_and_nothing_else(wrong):
    with pytest.raises(ValueError, match="quota and seconds alone"):
        BROWSE.changed(wrong)
