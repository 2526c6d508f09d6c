"""A client's JSON stays data, whatever a serializer might read into it."""

from tests.faults.crowd import at_once
from tests.faults.rig import on_both

MALFORMED = {"__type__": "datetime", "__value__": "x"}
NOT_A_NUMBER = {"__type__": "decimal", "__value__": "NaN"}
MORE_THAN_WORKERS = 12


@on_both("the callee drops what it cannot decode, and the callers wait for ever")
def test_a_malformed_type_tag_freezes_nothing(rig):
    rig.start("Callee", "Front")

    answers = at_once(lambda _: rig.ask("POST", "/echo", MALFORMED), MORE_THAN_WORKERS)

    assert rig.ask("GET", "/ping").body == "pong"
    assert rig.ask("POST", "/echo", {"plain": 1}).body == {"plain": 1}
    assert [answer.body for answer in answers] == [MALFORMED] * MORE_THAN_WORKERS


@on_both("kombu's decoder makes Python objects of a client's JSON")
def test_a_type_tag_arrives_as_the_plain_object_it_is(rig):
    rig.start("Callee", "Front")

    assert rig.ask("POST", "/kind", {"of": NOT_A_NUMBER}).body == "dict"
