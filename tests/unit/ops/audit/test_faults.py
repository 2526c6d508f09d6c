"""Violations are told in plain words and plain numbers."""

from datetime import timedelta

import pytest

from ops.audit.checks import faults
from ops.audit.faults import Fault, age, money


@pytest.mark.parametrize(
    ("minor", "told"),
    [(0, "0.00"), (5, "0.05"), (-450, "-4.50"), (123456789, "1,234,567.89")],
)
def test_amounts_are_told_in_pounds(minor, told):
    assert money(minor) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(59, "59 s"), (61, "1 min"), (3_700, "1 h 1 min"), (180_000, "2 d 2 h")],
)
def test_ages_are_told_as_one_would(seconds, told):
    assert age(timedelta(seconds=seconds)) == told


def test_a_violation_has_its_facts_in_its_words():
    fault = Fault("short", "{due:money} are missing", "find them: {{id: '{subject}'}}")

    violation = fault.of("an-order", due=450)

    assert violation.sentence == "4.50 are missing"
    assert violation.remedy == "find them: {id: 'an-order'}"


def test_two_numbers_of_the_same_thing_are_the_same_violation():
    fault = Fault("short", "{due} are missing", "")

    assert fault.of("tea", due=1).identity == fault.of("tea", due=2).identity


def test_no_two_faults_have_the_same_name():
    kinds = [fault.kind for fault in faults()]

    assert len(kinds) == len(set(kinds))
