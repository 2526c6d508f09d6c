"""A process that is asked to stop finishes what it has begun, and then stops."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import urllib3

from tests.faults.crowd import at_once
from tests.faults.rig import on_both, until

JOBS = 6
JOB_SECONDS = 3
# Far below the 20 s that a process is given, for there is little to finish.
STOP_SECONDS = 8
CLIENTS = 20


def begun(rig):
    return sum(rig.count("start").values())


@on_both("the connection is closed under running work, and the broker hands it on")
def test_a_stopping_service_answers_its_calls_and_none_runs_twice(rig):
    stopping, _ = rig.start("Callee", "Callee")

    def work(number):
        return rig.call("work", key=f"job-{number}", seconds=JOB_SECONDS)

    with ThreadPoolExecutor(1) as aside:
        answers = aside.submit(at_once, work, JOBS)
        until(lambda: begun(rig) >= JOBS, 10, "the start of all jobs")
        stopping.terminate()

    assert stopping.pid in answers.result()
    assert {type(answer) for answer in answers.result()} == {int}
    stopping.must_exit_cleanly(STOP_SECONDS)
    assert rig.count("start") == {f"job-{n}": 1 for n in range(JOBS)}


@on_both("the connection is closed under running work, and the broker hands it on")
def test_a_stopping_service_finishes_its_events_and_none_is_handled_twice(rig):
    stopping, _ = rig.start("Callee", "Callee")
    for number in range(JOBS):
        rig.announce("work.wanted", key=f"job-{number}", seconds=JOB_SECONDS)
    until(lambda: begun(rig) >= JOBS, 10, "the start of all jobs")
    stopping.terminate()
    until(lambda: len(rig.count("end")) == JOBS, 10, "the end of all jobs")

    assert stopping.pid in {pid for _, _, pid in rig.entries()}
    stopping.must_exit_cleanly(STOP_SECONDS)
    assert rig.count("start") == {f"job-{n}": 1 for n in range(JOBS)}


@on_both("the web server stops last, so that new requests keep it from stopping")
def test_a_front_stops_under_load_and_answers_all_that_was_sent(rig):
    front = rig.start("Front")
    ended, outcomes = threading.Event(), Counter()

    def visit(_):
        while not ended.is_set():
            try:
                outcomes[ask_once(rig, "/sleep/0.3")] += 1
            except urllib3.exceptions.NewConnectionError:
                return

    crowd = threading.Thread(target=at_once, args=(visit, CLIENTS))
    crowd.start()
    until(lambda: outcomes[200] > CLIENTS, 10, "some load")
    front.terminate()
    try:
        front.must_exit_cleanly(STOP_SECONDS)
    finally:
        ended.set()
        crowd.join()
    assert set(outcomes) == {200}, outcomes


def ask_once(rig, path):
    """The status over a connection of its own, or what went wrong after it opened."""
    client = urllib3.PoolManager(retries=False, timeout=5)
    try:
        closing = {"Connection": "close"}
        return client.request("GET", rig.client.url + path, headers=closing).status
    except urllib3.exceptions.NewConnectionError:
        raise
    except urllib3.exceptions.HTTPError as trouble:
        return repr(trouble)
    finally:
        client.clear()


@on_both("a call has no deadline, and a stopping process waits for it")
def test_a_front_stops_although_a_call_hangs(rig):
    callee, front = rig.start("Callee", "Front")
    callee.kill()
    until(lambda: rig.consumers(rig.rpc_queue) == 0, 10, "the callee is gone")
    with ThreadPoolExecutor(1) as aside:
        answer = aside.submit(rig.ask, "POST", "/echo", {"n": 1})
        until(lambda: rig.waiting(rig.rpc_queue) == 1, 5, "the call is under way")
        front.terminate()

    assert answer.result().status == 503
    front.must_exit_cleanly(STOP_SECONDS)


@pytest.mark.parametrize("platform", ["shopnow"])
def test_a_stopping_front_hears_the_answers_to_its_calls(rig):
    _, front = rig.start("Callee", "Front")

    with ThreadPoolExecutor(1) as aside:
        answer = aside.submit(rig.ask, "POST", "/work", {"key": "job", "seconds": 0.6})
        until(lambda: begun(rig) or answer.done(), 5, "the start of the job")
        front.terminate()

    assert answer.result().status == 200, answer.result().raw
    front.must_exit_cleanly(STOP_SECONDS)
