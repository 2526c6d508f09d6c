"""Each call of an entrypoint leaves one line when it has ended."""

import json
import logging
from types import SimpleNamespace

import pytest
from nameko import config
from nameko.containers import ServiceContainer, WorkerContext
from nameko.timer import timer

from common.container import ServiceContainer as TracedContainer
from common.errors import NotFound, Refusal, service_unavailable
from common.events import event_handler
from common.ids import new_id
from common.internal import PAGES
from common.logs.console import MOST_KEPT, Console, recent
from common.logs.errors import errors
from common.logs.lines import JsonLines
from common.logs.tracer import Tracer
from common.wire import rpc

ID = new_id()
SECRET = "ada@example.com"


class Shop:
    name = "shop"
    tracer = Tracer()

    @rpc
    def find(self, order_id, email=None):
        """Never run: a worker's end is all that is looked at."""

    @rpc(sensitive_arguments="order_id")
    def hide(self, order_id):
        """Neither is this."""

    @event_handler("elsewhere", "thing.happened")
    def on_thing(self, event):
        """Nor this."""

    @timer(interval=1, expected_exceptions=Refusal)
    def sweep(self):
        """Nor this."""


@pytest.fixture
def log(capsys, monkeypatch):
    """Lines as they are written, parsed."""

    class Sink(list):
        def write(self, text):
            self.extend(map(json.loads, text.splitlines()))

        def flush(self):
            """They are here already."""

    sink = Sink()
    handler = Console(sink)
    handler.setFormatter(JsonLines())
    calls = logging.getLogger("shop.calls")
    calls.addHandler(handler)
    calls.setLevel(logging.INFO)
    recent.clear()
    yield sink
    calls.removeHandler(handler)
    calls.setLevel(logging.NOTSET)


@pytest.fixture(scope="module")
def container():
    with config.patch({"AMQP_URI": "memory://"}):
        container = ServiceContainer(Shop)
    tracer = next(e for e in container.dependencies if isinstance(e, Tracer))
    tracer.setup()
    container.tracer = tracer
    return container


@pytest.fixture
def call(container, log):
    """``call("find", result, trouble, order_id=…)``: a worker that has ended so."""

    def end(method, result=None, trouble=None, args=(), known=None, **kwargs):
        entrypoint = next(e for e in container.entrypoints if e.method_name == method)
        service = SimpleNamespace(identity=SimpleNamespace(known=known))
        data = {"request_id": "r1", "auth_token": SECRET}
        worker = WorkerContext(container, service, entrypoint, args, kwargs, data)
        container.tracer.get_dependency(worker)
        exc_info = trouble and (type(trouble), trouble, None)
        container.tracer.worker_result(worker, result, exc_info)
        assert SECRET not in str(log)
        return log[-1] if log else None

    return end


def test_a_call_tells_what_for_whom_and_how_it_ended(call, log):
    line = call("find", known=SimpleNamespace(id="u1"), order_id=ID, email=SECRET)

    told = {"service": "shop", "kind": "rpc", "entrypoint": "find", "outcome": "ok"}
    told |= {"level": "info", "request_id": "r1", "user_id": "u1"}
    assert line | told == line
    assert line["arguments"] == {"order_id": ID, "email": "***"}
    assert line["duration_ms"] >= 0
    assert len(log) == 1


def test_nobody_is_named_who_has_not_been_asked_for(call):
    assert "user_id" not in call("find", order_id=ID)


def test_arguments_without_their_names_are_known_all_the_same(call):
    line = call("find", args=(ID, SECRET))

    assert line["arguments"] == {"order_id": ID, "email": "***"}


def test_what_an_entrypoint_calls_sensitive_is_hidden(call):
    assert call("hide", order_id=ID)["arguments"] == {"order_id": "***"}


def test_a_refusal_is_an_answer(call):
    line = call("find", trouble=NotFound("no_such_order", SECRET), order_id=ID)

    assert (line["level"], line["outcome"]) == ("info", "no_such_order")
    assert "exception" not in line


def test_a_part_that_is_away_is_worth_a_warning(call):
    line = call("find", trouble=service_unavailable(), order_id=ID)

    assert (line["level"], line["outcome"]) == ("warning", "service_unavailable")


def test_what_nobody_foresaw_is_an_error_with_its_frames(call, log):
    line = call("find", trouble=KeyError(SECRET), order_id=ID)

    assert (line["level"], line["outcome"]) == ("error", "unexpected")
    assert line["exception"] == "KeyError"
    assert len(log) == 1


def test_of_an_event_is_told_which_it_was_and_whose_request_it_came_of(call):
    event = {"id": ID, "correlation_id": "r7", "data": {"email": SECRET}}

    line = call("on_thing", args=(event,))

    assert line["arguments"] == {"event_type": "thing.happened", "event_id": ID}
    assert (line["kind"], line["request_id"]) == ("event", "r7")


def test_an_event_that_nobody_could_handle_is_an_error(call):
    line = call("on_thing", trouble=NotFound("no_such_order", "No"), args=({},))

    assert (line["level"], line["outcome"]) == ("error", "no_such_order")


def test_an_event_that_is_none_is_told_too(call):
    assert call("on_thing", args=(SECRET,))["outcome"] == "ok"


def test_a_timer_tells_how_much_it_did_and_nothing_if_that_was_nothing(call, log):
    for nothing in (None, 0):
        call("sweep", nothing)
    assert log == []

    assert call("sweep", 3)["done"] == 3
    assert call("sweep", trouble=service_unavailable())["level"] == "warning"


def test_where_nobody_traces_a_failure_is_told_all_the_same(caplog):
    class Plain:
        name = "plain"

        @rpc
        def fail(self):
            raise KeyError(SECRET)

    with config.patch({"AMQP_URI": "memory://"}):
        container = TracedContainer(Plain)
    [entrypoint] = container.entrypoints
    container.handle(WorkerContext(container, Plain(), entrypoint))

    [record] = caplog.records
    assert record.levelname == "ERROR"


class TestErrors:
    def told(self):
        assert PAGES["/errors"] is errors
        return json.loads(errors().body)["items"]

    def test_the_last_troubles_of_a_process_are_kept(self, call):
        call("find", order_id=ID)
        call("find", trouble=NotFound("no_such_order", "No"), order_id=ID)
        for _ in range(MOST_KEPT):
            call("find", trouble=service_unavailable(), order_id=ID)
        call("find", trouble=KeyError(SECRET), order_id=ID)

        newest, *others = self.told()

        assert (newest["outcome"], newest["exception"]) == ("unexpected", "KeyError")
        assert newest["entrypoint"] == "find"
        assert newest["request_id"] == "r1"
        assert {each["outcome"] for each in others} == {"service_unavailable"}
        assert len(others) == MOST_KEPT - 1
