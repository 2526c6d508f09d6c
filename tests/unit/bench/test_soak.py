"""What adds up over time is found, and what was promised is counted as it was."""

import pytest

from bench.soak_report import MB, Found, verdicts


def found(**changes):
    steady = {
        "answers": [(float(at), 0.02, 200) for at in range(100)],
        "orders": 5,
        "missing": [],
        "memory": [(float(at), {"gateway.1": 90 * MB}) for at in range(100)],
        "violations": [],
    }
    return Found(**steady | changes)


def missed(**changes):
    return [each.text for each in verdicts(found(**changes)) if not each.met]


def test_a_shop_that_stays_as_it_is_passes():
    assert missed() == []


def slower(when):
    return [(at, 0.08 if when(at) else 0.02, 200) for at, *_ in found().answers]


@pytest.mark.parametrize("status", [500, 503, 0])
def test_a_failure_more_than_was_promised_is_found(status):
    [text] = missed(answers=[*found().answers, (99.0, 0.02, status)])

    assert text == "at most 1 failure in 10,000"


def test_a_refusal_is_an_answer():
    assert missed(answers=[*found().answers, (99.0, 0.02, 409)]) == []


def test_a_shop_that_becomes_slow_is_found():
    slow = [
        (at, took * (3 if at > 75 else 1), is_ok) for at, took, is_ok in found().answers
    ]

    [text] = missed(answers=slow)

    assert text.startswith("the last quarter's p99")


def test_a_slow_beginning_is_forgiven():
    slow = [
        (at, took * (9 if at < 20 else 1), is_ok) for at, took, is_ok in found().answers
    ]

    assert missed(answers=slow) == []


def test_a_leak_is_found():
    leak = [(float(at), {"gateway.1": (90 + at // 2) * MB}) for at in range(100)]

    [text] = missed(memory=leak)

    assert text.startswith("gateway.1 grows")


def test_what_a_process_takes_at_first_is_no_leak():
    warm = [(float(at), {"gateway.1": min(60 + at * 2, 100) * MB}) for at in range(100)]

    assert missed(memory=warm) == []


def test_an_order_that_is_lost_is_found():
    assert missed(missing=["o1"]) == [
        "every order that was acknowledged is there and confirmed"
    ]


def test_a_soak_without_orders_proves_nothing():
    assert missed(orders=0, answers=[])


def test_a_process_that_was_started_again_is_found():
    assert missed(restarts=["gateway.1"]) == ["no process was started again"]


def test_books_that_do_not_add_up_are_found():
    assert missed(violations=["order_total o1"]) == ["the books add up"]
