"""Settings that concern every process, and what is there when they are gone."""

import logging

import pytest
from nameko import config

from common.live import LiveSettings
from common.resilience import guard_of
from common.resilience.guards import GUARDS, LIVE, change_guard


@pytest.fixture
def settings():
    found = LiveSettings()
    found.levels, found.configured = {}, 3
    with config.patch({"RPC_DEADLINE": 3}):
        yield found


@pytest.fixture
def target():
    yield "product_service"
    GUARDS.pop("product_service", None)
    LIVE.pop("product_service", None)


def test_a_logger_goes_back_to_its_own_level(settings):
    logger = logging.getLogger("gateway.test_levels")
    logger.setLevel("WARNING")

    for level in ("DEBUG", "ERROR"):
        settings.change_level("gateway.test_levels", level)
        assert logging.getLevelName(logger.level) == level
    settings.change_level("gateway.test_levels", None)

    assert logger.level == logging.WARNING


def test_a_service_waits_for_others_as_long_as_it_is_told(settings):
    settings.change_deadline("", 0.5)
    assert config["RPC_DEADLINE"] == 0.5

    settings.change_deadline("", None)
    assert config["RPC_DEADLINE"] == 3


def test_a_guard_changes_while_calls_are_under_way(target):
    guard = guard_of(target)

    with guard.admit():
        change_guard(target, {"max_in_flight": 10, "most_in_row": 2})

    assert guard is guard_of(target)
    assert guard.bulkhead.in_flight == 0
    assert guard.bulkhead.most["high"] == 10
    assert guard.breaker.settings.most_in_row == 2
    change_guard(target, None)
    assert guard.bulkhead.most["high"] == 100


def test_a_guard_that_is_made_later_knows_of_it(target):
    change_guard(target, {"max_in_flight": 10})

    assert guard_of(target).bulkhead.most["high"] == 10


def test_what_contradicts_the_configuration_leaves_a_guard_as_it_was(target):
    sections = {"default": {"open_seconds": 0.5, "open_seconds_most": 2}}
    with config.patch({"RESILIENCE": sections}):
        guard = guard_of(target)
        with pytest.raises(ValueError, match="open_seconds <= open_seconds_most"):
            change_guard(target, {"open_seconds": 5})
        change_guard(target, {"failure_share": 0.1})

        assert guard.breaker.settings.open_seconds == 0.5
        assert guard.breaker.settings.failure_share == 0.1
