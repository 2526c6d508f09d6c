"""A slip in the configuration shows at the start, in words."""

import math

import pytest
from nameko import config

from common.resilience import Settings, guard_of
from common.resilience.guards import GUARDS
from common.resilience.settings import read


def test_without_configuration_the_defaults_hold():
    assert read("product_service", {}) == Settings()


def test_a_target_overrides_the_default_key_by_key():
    sections = {
        "default": {"max_in_flight": 40, "probes": 2},
        "product_service": {"max_in_flight": 60, "slow_seconds": 1},
    }

    product = read("product_service", sections)
    other = read("order_service", sections)

    assert (product.max_in_flight, product.probes, product.slow_seconds) == (60, 2, 1)
    assert (other.max_in_flight, other.probes, other.slow_seconds) == (40, 2, None)


def test_an_empty_section_changes_nothing():
    assert read("a", {"default": None, "a": None}) == Settings()


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"max_in_fligth": 5}, "no setting 'max_in_fligth'; did you mean 'max_in_fl"),
        ({"xyz": 5}, "no setting 'xyz'"),
        ({5: 5}, "no setting 5"),
        ({"failure_share": 50}, "failure_share is 50, not a number from 0.01 to 1"),
        ({"failure_share": math.nan}, "failure_share is nan"),
        ({"failure_share": "half"}, "failure_share is 'half'"),
        ({"failure_share": None}, "failure_share is None"),
        ({"max_in_flight": 0}, "max_in_flight is 0, not a whole number"),
        ({"max_in_flight": 2.5}, "max_in_flight is 2.5, not a whole number"),
        ({"max_in_flight": True}, "max_in_flight is True"),
        ({"open_seconds": -1}, "open_seconds is -1"),
        ({"open_seconds": 60}, "open_seconds <= open_seconds_most does not hold"),
        ({"least_calls": 200}, "least_calls <= most_outcomes does not hold"),
        ({"slots_low": 0.9}, "slots_low <= slots_normal <= slots_high does not"),
        ({"wait_normal": 1.0}, "wait_low <= wait_normal <= wait_high does not"),
        ("fast", "RESILIENCE.product_service is not a mapping"),
    ],
)
def test_a_slip_is_named(section, words):
    with pytest.raises(ValueError, match=r"RESILIENCE\.product_service") as slip:
        read("product_service", {"product_service": section})

    assert words in str(slip.value)


@pytest.mark.parametrize("sections", [[], "fast", {"default": 3}, {"b": {"xyz": 1}}])
def test_every_section_is_checked_whoever_is_called(sections):
    with pytest.raises(ValueError, match="RESILIENCE"):
        read("a", sections)


def test_there_is_one_guard_of_a_target_in_a_process(monkeypatch):
    monkeypatch.setattr("common.resilience.guards.GUARDS", {})
    with config.patch({"RESILIENCE": {"shelf": {"max_in_flight": 7}}}):
        guard = guard_of("shelf")

        assert guard is guard_of("shelf")
        assert guard is not guard_of("till")
        assert guard.bulkhead.most["high"] == 7
    assert "shelf" not in GUARDS
