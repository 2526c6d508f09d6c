"""What passes by itself is no violation; what stays is one."""

from contextlib import nullcontext

from ops.audit.faults import Check, Fault
from ops.audit.looks import LOOKS, PAUSE_SECONDS, look

FAULT = Fault("lost", "{pieces} pieces are lost", "look for {subject}")


def a_check(*looks):
    """Finds what the test says: so many pieces of which product, look for look."""
    seen = iter(looks)

    def find(view):
        for subject, pieces in next(seen).items():
            yield FAULT.of(subject, pieces=pieces)

    return Check("shelves", (FAULT,), find)


def looked(*checks):
    pauses = []
    found = look(checks, nullcontext, pause=pauses.append)
    return [(each.subject, each.sentence) for each in found], pauses


def test_where_all_is_well_one_look_is_enough():
    assert looked(a_check({}), a_check({})) == ([], [])


def test_what_was_under_way_is_gone_at_the_next_look():
    assert looked(a_check({"tea": 2}, {})) == ([], [PAUSE_SECONDS])


def test_what_stays_wrong_is_told_as_it_was_seen_last():
    found, pauses = looked(a_check({"tea": 2}, {"tea": 3}, {"tea": 1}))

    assert found == [("tea", "1 pieces are lost")]
    assert pauses == [PAUSE_SECONDS] * (LOOKS - 1)


def test_something_else_at_each_look_is_no_violation():
    looks = {"tea": 1, "milk": 1}, {"milk": 1}, {"tea": 1}

    assert looked(a_check(*looks))[0] == []


def test_who_found_nothing_is_not_asked_again():
    found, _ = looked(a_check({}), a_check({"tea": 1}, {"tea": 1}, {"tea": 1}))

    assert found == [("tea", "1 pieces are lost")]
