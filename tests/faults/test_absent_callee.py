"""A service that is away, late or unknown costs its callers an answer, and no more."""

from contextlib import suppress

import pytest
from amqp.exceptions import AMQPError
from kombu import Connection

from ops.http import call
from tests.faults.crowd import at_once
from tests.faults.rig import START_SECONDS, on_both, until

MORE_THAN_WORKERS = 12
UNANSWERABLE = 300


@on_both("a call has no deadline, and a request waits in the queue until it is run")
def test_a_callee_that_is_away_is_given_up_and_not_asked_later(rig):
    callee, _ = rig.start("Callee", "Front")
    assert rig.ask("POST", "/work", {"key": "first", "seconds": 0}).status == 200
    callee.kill()
    until(lambda: rig.consumers(rig.rpc_queue) == 0, 10, "the callee is gone")

    given_up = at_once(
        lambda _: rig.ask("POST", "/work", {"key": "stale", "seconds": 0}),
        MORE_THAN_WORKERS,
    )
    assert [getattr(each, "status", each) for each in given_up] == (
        [503] * MORE_THAN_WORKERS
    )
    assert rig.ask("GET", "/ping").status == 200

    rig.start("Callee")
    # Who was away is asked again after a while only.
    until(lambda: done(rig, "fresh"), 10, "the next call")
    assert rig.count("start") == {"first": 1, "fresh": 1}


def done(rig, key):
    return rig.ask("POST", "/work", {"key": key, "seconds": 0}).status == 200


@pytest.mark.parametrize("platform", ["shopnow"])
def test_an_answer_after_the_deadline_is_not_waited_for_and_leaves_nothing(rig):
    rig.start("Callee", "Front")

    late = rig.ask("POST", "/work", {"key": "late", "seconds": 4})

    assert late.status == 503
    until(lambda: rig.count("end") == {"late": 1}, 5, "the late answer")
    assert rig.ask("POST", "/echo", {"plain": 1}).body == {"plain": 1}
    assert rig.ask("POST", "/nobody", {"times": 0}).body == 0


@on_both("each call that fails is remembered, and such a memory ends the process")
def test_calls_that_fail_leave_nothing_that_a_lost_reply_queue_could_trip_over(
    rig, stack
):
    _, front = rig.start("Callee", "Front")

    rig.client.pool.connection_pool_kw["timeout"] = 20
    remembered = rig.ask("POST", "/nobody", {"times": UNANSWERABLE}).body
    lose_replies(rig, stack, front)

    until(lambda: works_or_is_dead(rig, front), START_SECONDS, "the next call")
    assert front.alive
    assert remembered == 0


def works_or_is_dead(rig, front):
    if not front.alive:
        return True
    with suppress(AssertionError):
        return rig.ask("POST", "/echo", {"plain": 1}).status == 200
    return False


def lose_replies(rig, stack, front):
    """What an operator can do to a front's replies: its queue, then its connections."""
    management = stack.plan.all_servers.rabbitmq.admin_uri
    queues = call("GET", f"{management}/api/queues/shopnow?columns=name")
    mine = f"rpc.reply-{rig.name}_front-"
    for queue in [each["name"] for each in queues if each["name"].startswith(mine)]:
        # One that belongs to a connection alone is lost with that.
        with Connection(rig.broker) as connection, suppress(AMQPError):
            connection.default_channel.queue_delete(queue)
    hang_up(management, front)


def hang_up(management, front):
    """Close the connections of ``front`` to the broker."""
    ports = {each.laddr.port for each in front.about.net_connections("tcp")}
    for each in call("GET", f"{management}/api/connections"):
        if each.get("peer_port") in ports:
            name = each["name"].replace(" ", "%20").replace(">", "%3E")
            call("DELETE", f"{management}/api/connections/{name}")
