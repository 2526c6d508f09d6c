"""Every rule holds on every route, and on paths that are none."""

import json

import eventlet
import pytest
from werkzeug.routing import Rule

from common import chaos
from common.errors import NotFound, service_unavailable
from common.ids import new_id
from common.limiting import Quota
from common.logs.lines import JsonLines
from gateway.auth import ANYONE
from gateway.door import Door
from gateway.etags import etag
from gateway.http import Route
from gateway.limits import NEVER, Limit
from gateway.live import change_cache
from gateway.request import Request
from gateway.response import Response

SITE = "https://site.example"
TEA = new_id()
PATH = f"/v1/products/{TEA}"
PLENTY = {"quota": 3000, "seconds": 60}
FEW = {"quota": 5, "seconds": 60}


class Entrypoint:
    """A route that answers at once, or when it is told to."""

    def __init__(self, method, url, **described):
        self.route = Route(method, url, ANYONE, **described)
        self.asked, self.said, self.pause = [], {"id": TEA}, None

    def get_url_rule(self):
        return Rule(self.route.url, methods=[self.route.method])

    def handle_request(self, request, context):
        self.asked.append(context)
        said = self.said
        if self.pause:
            self.pause.wait()
        if isinstance(said, Exception):
            raise said
        body = json.dumps(said).encode()
        told = {"ETag": etag(body), "Cache-Control": self.route.cache_control}
        return Response(body, self.route.status, told, "application/json")


class Away:
    def take(self, quota, who, most):
        raise service_unavailable()


class Shop:
    def __init__(self, **settings):
        self.health = Entrypoint("GET", "/healthz", limited=NEVER)
        self.reviews = Entrypoint("GET", "/v1/reviews", feature="reviews")
        self.product = Entrypoint(
            "GET", "/v1/products/<id:product_id>", cache_seconds=2
        )
        self.cart = Entrypoint("GET", "/v1/cart")
        self.sign_up = Entrypoint("POST", "/v1/users", status=201)
        mine = vars(self).values()
        routes = tuple(each for each in mine if isinstance(each, Entrypoint))
        usual = {"CORS_ORIGINS": SITE, "RATE_LIMITS": {"browse": PLENTY}}
        self.door = Door(routes, usual | settings)

    def ask(self, path=PATH, method="GET", **headers):
        sent = {name.replace("_", "-").lower(): v for name, v in headers.items()}
        return self.door.answer(Request(method, path.encode(), sent, peer="10.0.0.1"))

    def ready(self, path=PATH, peer="10.0.0.1", **headers):
        sent = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
        return self.door.ready(b"GET", path.encode(), sent, peer)


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def tight():
    """A client may ask five times a minute."""
    return Shop(RATE_LIMITS={"browse": FEW})


def code(response):
    assert response.content_type == "application/problem+json"
    return json.loads(response.body)["code"]


EVERYWHERE = pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", PATH),
        ("GET", "/v1/cart"),
        ("POST", "/v1/users"),
        ("GET", "/v1/nothing"),
        ("PUT", "/v1/cart"),
        ("OPTIONS", "/v1/cart"),
    ],
)


@EVERYWHERE
def test_every_answer_can_be_found_again_and_is_safe(shop, method, path):
    got = shop.ask(path, method, X_Request_Id="r1", Origin=SITE)

    assert got.headers["X-Request-Id"] == "r1"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in got.headers["Vary"]


def test_a_known_path_tells_its_methods(shop):
    got = shop.ask("/v1/cart", "OPTIONS")

    assert (got.status, got.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")


def test_a_page_that_asks_before_is_told(shop):
    asked = {"Origin": SITE, "Access_Control_Request_Method": "GET"}

    got = shop.ask("/v1/cart", "OPTIONS", **asked)

    assert got.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


def test_unknown_paths_and_methods_are_problems(shop):
    assert code(shop.ask("/v1/nothing")) == "not_found"
    assert code(shop.ask("/v1/nothing", "OPTIONS")) == "not_found"
    wrong = shop.ask("/v1/cart", "PUT")
    assert (code(wrong), wrong.headers["Allow"]) == (
        "method_not_allowed",
        "GET, HEAD, OPTIONS",
    )


def test_who_asks_too_often_is_told_when_to_come_back(tight):
    for _ in range(5):
        assert tight.ask("/v1/cart").headers["RateLimit-Policy"] == '"browse";q=5;w=60'

    got = tight.ask("/v1/cart")

    assert (got.status, code(got)) == (429, "rate_limited")
    assert 0 < int(got.headers["Retry-After"]) <= 12
    assert tight.ask("/v1/users", "POST").status == 201


def test_ready_answers_count_as_any_other():
    shop = Shop(RATE_LIMITS={"browse": {"quota": 200, "seconds": 60}})
    asked = [shop.ready() or shop.ask().status for _ in range(300)]

    assert asked.count(429) == 100
    assert asked.count(200) < 30
    assert shop.ready(peer="10.0.0.2")


def test_who_asks_for_what_is_limited_closely_is_counted_before_it_is_ready(
    tight,
):
    tight.ask()

    assert tight.ready() is None


def test_other_limits_are_told_in_what_is_ready_too(tight):
    tight.ask()

    tight.door.change_limit("browse", {"quota": 200, "seconds": 10})

    assert tight.ask().headers["RateLimit-Policy"] == '"browse";q=200;w=10'
    assert b'RateLimit-Policy: "browse";q=200;w=10' in tight.ready()
    tight.door.change_limit("browse", None)
    assert tight.ask().headers["RateLimit-Policy"] == '"browse";q=5;w=60'


@pytest.mark.parametrize(
    ("name", "numbers"), [("browser", FEW), ("browse", {}), ("browse", 0)]
)
def test_a_limit_that_makes_no_sense_changes_nothing(tight, name, numbers):
    with pytest.raises(ValueError, match="limit"):
        tight.door.change_limit(name, numbers)

    assert tight.ask().headers["RateLimit-Policy"] == '"browse";q=5;w=60'


def test_where_nobody_counts_what_is_strict_is_refused_and_all_else_goes_on(shop):
    shop.door.limits["write"] = Limit(Quota("write", 5, 60, strict=True), Away())
    shop.door.limits["browse"] = Limit(Quota("browse", 5, 60), Away())

    refused = shop.ask("/v1/users", "POST")

    assert (refused.status, code(refused)) == (503, "service_unavailable")
    assert refused.headers["Retry-After"] == "1"
    assert shop.ask("/v1/cart").status == 200


@pytest.mark.parametrize("seconds", [0, 31536000])
def test_browsers_are_told_to_come_by_https_where_there_is_tls(seconds):
    shop = Shop(HSTS_SECONDS=seconds, RATE_LIMITS={})
    told = f"max-age={seconds}; includeSubDomains" if seconds else None

    assert shop.ask().headers.get("Strict-Transport-Security") == told
    assert (b"Strict-Transport-Security" in shop.ready()) == bool(seconds)


def test_workers_are_told_the_deadline_and_the_value(shop):
    shop.ask("/v1/cart")

    assert {"deadline", "value", "request_id"} <= shop.cart.asked[0].keys()
    assert shop.cart.asked[0]["client"] == "10.0.0.1"


def test_a_public_read_is_asked_for_once(shop):
    assert [shop.ask().status for _ in range(3)] == [200] * 3

    assert len(shop.product.asked) == 1
    assert b'{"id": "' in shop.ready()


def test_a_change_is_seen_at_once(shop):
    shop.ask()
    shop.product.said = {"id": TEA, "title": "new"}

    shop.door.cache.forget([TEA])

    assert shop.ready() is None
    assert b"new" in shop.ask().body


@pytest.mark.parametrize("asked", [{"Authorization": "Bearer x"}])
def test_who_is_signed_in_is_never_answered_from_memory(shop, asked):
    shop.ask()
    shop.ask(**asked)

    assert shop.ready(**asked) is None
    assert len(shop.product.asked) == 2


def test_what_a_signed_in_reader_sees_is_not_kept(shop):
    shop.ask(Authorization="Bearer x")

    assert shop.ready() is None


def test_what_is_personal_is_not_kept(shop):
    shop.ask("/v1/cart")

    assert shop.ready("/v1/cart") is None
    assert len(shop.door.cache) == 0


def test_what_is_missing_is_asked_for_once_and_told_under_each_name(shop):
    shop.product.said = NotFound("product_not_found", "There is no such product")

    answers = [shop.ask(X_Request_Id=name) for name in ("r1", "r2")]

    assert [json.loads(got.body)["request_id"] for got in answers] == ["r1", "r2"]
    assert [got.status for got in answers] == [404, 404]
    assert len(shop.product.asked) == 1


def test_what_is_missing_is_kept_without_what_it_was_raised_in(shop):
    shop.product.said = raised = NotFound("product_not_found", "No such product")
    asking = [eventlet.spawn(shop.ask) for _ in range(3)]

    assert [one.wait().status for one in asking] == [404] * 3
    kept = shop.door.cache.find(PATH.encode())
    assert (kept.args, kept.__traceback__) == (raised.args, None)
    assert kept is not raised


def test_a_failure_is_not_kept(shop):
    shop.product.said = service_unavailable()
    assert shop.ask().status == 503
    shop.product.said = {"id": TEA}

    assert shop.ask().status == 200


def test_many_who_ask_at_once_are_one_question(shop):
    shop.product.pause = eventlet.Event()
    asking = [eventlet.spawn(shop.ask, X_Request_Id=f"r{n}") for n in range(4)]
    eventlet.sleep(0.01)

    shop.product.pause.send()

    got = [one.wait() for one in asking]
    assert {answer.status for answer in got} == {200}
    assert len({answer.headers["X-Request-Id"] for answer in got}) == 4
    assert len(shop.product.asked) == 1


def test_who_waits_hears_no_answer_from_before_a_change(shop):
    shop.product.pause = first = eventlet.Event()
    asking = [eventlet.spawn(shop.ask) for _ in range(4)]
    eventlet.sleep(0.01)
    shop.product.said, shop.product.pause = {"id": TEA, "title": "new"}, None
    shop.door.cache.forget([TEA])

    first.send()

    bodies = [one.wait().body for one in asking]
    assert [b"new" in body for body in bodies] == [False, True, True, True]
    assert len(shop.product.asked) == 2


def test_however_often_it_changes_who_waits_waits_for_two_at_the_most(shop):
    pauses = [eventlet.Event(), eventlet.Event()]
    shop.product.pause = pauses[0]
    asking = [eventlet.spawn(shop.ask) for _ in range(4)]
    for pause, following in zip(pauses, [pauses[1], None], strict=True):
        eventlet.sleep(0.01)
        shop.product.pause = following
        shop.door.cache.forget([TEA])
        pause.send()

    assert [one.wait().status for one in asking] == [200] * 4
    assert len(shop.product.asked) == 2
    assert shop.ready() is None


def test_who_comes_after_a_change_does_not_hear_what_was_before_it(shop):
    shop.product.pause = first = eventlet.Event()
    asking = eventlet.spawn(shop.ask)
    eventlet.sleep(0.01)
    shop.product.said, shop.product.pause = {"id": TEA, "title": "new"}, None
    shop.door.cache.forget([TEA])
    later = eventlet.spawn(shop.ask)
    eventlet.sleep(0.01)

    first.send()

    assert [b"new" in one.wait().body for one in (asking, later)] == [False, True]


def test_who_waits_for_another_takes_no_room():
    shop = Shop(MOST_AT_ONCE=4, RATE_LIMITS={})
    shop.product.pause = eventlet.Event()
    asking = [eventlet.spawn(shop.ask) for _ in range(20)]
    eventlet.sleep(0.01)

    assert shop.door.shedding.room.in_flight == 1
    assert shop.ask("/v1/users", "POST").status == 201
    shop.product.pause.send()
    assert {one.wait().status for one in asking} == {200}


def test_who_waits_too_long_is_told_so():
    shop = Shop(DEADLINES={"read": 0.05})
    shop.product.pause = first = eventlet.Event()
    asking = [eventlet.spawn(shop.ask) for _ in range(2)]
    eventlet.sleep(0.1)

    assert code(asking[1].wait()) == "deadline_exceeded"
    first.send()
    assert asking[0].wait().status == 200


def test_without_a_cache_everybody_asks_for_themselves():
    shop = Shop(PRODUCT_CACHE_BYTES=0)
    shop.product.pause = eventlet.Event()
    asking = [eventlet.spawn(shop.ask) for _ in range(3)]
    eventlet.sleep(0.01)

    assert len(shop.product.asked) == 3
    shop.product.pause.send()
    assert [one.wait().status for one in asking] == [200] * 3


def test_the_cache_stays_within_its_bytes():
    shop = Shop(PRODUCT_CACHE_BYTES=50_000, RATE_LIMITS={})
    for _ in range(100):
        shop.ask(f"/v1/products/{new_id()}")

    assert 0 < shop.door.cache.bytes <= 50_000


def test_a_bug_is_a_problem_that_tells_nothing(shop):
    shop.cart.said = KeyError("postgres://secret")
    got = shop.ask("/v1/cart")

    assert (got.status, code(got)) == (500, "unexpected")
    assert b"secret" not in got.body


class TestTheLineOfARequest:
    @pytest.fixture
    def shop(self, shop, caplog):
        caplog.set_level("INFO")
        return shop

    def line(self, caplog):
        [record] = caplog.records
        return record.levelname, json.loads(JsonLines().format(record))

    def test_it_says_what_was_asked_and_how_it_ended(self, shop, caplog):
        shop.ask("/v1/cart", X_Request_Id="r1")

        level, line = self.line(caplog)
        assert level == "INFO"
        assert line["duration_ms"] >= 0
        told = {"kind": "http", "entrypoint": "GET /v1/cart", "method": "GET"}
        told |= {"path": "/v1/cart", "status": 200, "outcome": "ok"}
        assert line | told | {"request_id": "r1"} == line

    def test_it_is_an_errors_with_its_frames_where_nobody_foresaw_it(
        self, shop, caplog
    ):
        shop.cart.said = KeyError("postgres://secret")
        shop.ask("/v1/cart")

        level, line = self.line(caplog)
        assert (level, line["outcome"], line["status"]) == ("ERROR", "unexpected", 500)
        assert line["exception"].endswith("in handle_request\nKeyError")
        assert "secret" not in str(line)

    def test_a_503_is_louder_and_tells_why(self, shop, caplog):
        shop.cart.said = service_unavailable()
        shop.ask("/v1/cart")

        level, line = self.line(caplog)
        assert (level, line["outcome"]) == ("WARNING", "service_unavailable")

    def test_a_refusal_is_an_answer(self, shop, caplog):
        shop.cart.said = NotFound("no_such_thing", "No")
        shop.ask("/v1/cart")

        level, line = self.line(caplog)
        assert (level, line["outcome"]) == ("INFO", "no_such_thing")
        assert "exception" not in line

    def test_an_answer_from_memory_leaves_none(self, shop, caplog):
        shop.ask()
        caplog.clear()

        assert shop.ready() is not None
        assert caplog.records == []


class TestSecretPaths:
    """What was mailed to one person is for no log, wherever it leads."""

    @pytest.fixture
    def shop(self):
        shop = Shop()
        reset = Entrypoint("PUT", "/v1/auth/password-resets/<token>", status=204)
        order = Entrypoint("GET", "/v1/orders/<id:order_id>")
        shop.door = Door([reset, order], {})
        return shop

    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("PUT", "/v1/auth/password-resets/s3cret", 204),
            ("PATCH", "/v1/auth/password-resets/s3cret", 405),
            ("PUT", "/v1/auth/password-resets/s3cret/more", 404),
            ("PUT", "/v1/auth/password-resets/s3cret%0A", 204),
            ("PUT", "//v1/auth/password-resets/s3cret", 404),
            ("PUT", "/v1/auth/password%2Dresets/s3cret", 204),
        ],
    )
    def test_they_are_not_written_down(self, shop, caplog, method, path, status):
        caplog.set_level("INFO")

        answer = shop.ask(path, method)

        assert answer.status == status
        assert "s3cret" not in str([vars(record) for record in caplog.records])
        known = "/v1/auth/password-resets/{token}"
        shown = known if status == 204 else "unknown"
        assert caplog.records[-1].call["path"] == shown
        assert b"s3cret" not in answer.body

    @pytest.mark.parametrize("method", ["GET", "PUT"])
    def test_identities_are(self, shop, caplog, method):
        caplog.set_level("INFO")
        path = f"/v1/orders/{new_id()}"

        shop.ask(path, method)

        assert caplog.records[-1].call["path"] == path

    @pytest.mark.parametrize("path", ["/v1/ada@example.com", "/v1/orders/1-High-St"])
    def test_what_a_stranger_says_is_not(self, shop, caplog, path):
        caplog.set_level("INFO")

        shop.ask(path)

        assert caplog.records[-1].call["path"] == "unknown"


READ, WRITE = ("GET", PATH), ("POST", "/v1/users")


@pytest.mark.parametrize(
    ("told", "closed"),
    [("writes", [WRITE]), ("all", [READ, WRITE]), ({"refuse": "all"}, [READ, WRITE])],
)
def test_in_maintenance_what_is_closed_says_when_to_come_again(shop, told, closed):
    shop.ask()
    shop.door.change_switch("maintenance", told)

    for method, path in (READ, WRITE):
        got = shop.ask(path, method)
        if (method, path) in closed:
            assert (got.status, code(got)) == (503, "maintenance")
            assert got.headers["Retry-After"] == "60"
        else:
            assert got.status < 300
    assert (shop.ready() is None) == (READ in closed)
    assert shop.ask("/healthz").status == 200

    shop.door.change_switch("maintenance", None)
    assert shop.ask(PATH).status == 200


def test_maintenance_takes_as_long_as_it_says(shop):
    shop.door.change_switch("maintenance", {"refuse": "writes", "retry_after": 300})

    assert shop.ask(*reversed(WRITE)).headers["Retry-After"] == "300"


def test_a_feature_that_is_off_is_not_there(shop):
    shop.door.change_switch("reviews", False)

    got = shop.ask("/v1/reviews")

    assert (got.status, code(got)) == (404, "feature_off")
    assert shop.ask().status == 200
    for on in (True, None):
        shop.door.change_switch("reviews", False)
        shop.door.change_switch("reviews", on)
        assert shop.ask("/v1/reviews").status == 200


def test_only_routes_that_there_are_get_deadlines(shop):
    shop.door.change_deadline("routes", {"GET /v1/cart": 5})

    with pytest.raises(ValueError, match="there is no route GET /v1/carts"):
        shop.door.change_deadline("routes", {"GET /v1/carts": 5})

    assert shop.door.patience.seconds(shop.cart.route) == 5


@pytest.fixture
def faulty_gateway():
    chaos.change("gateway", "error:100")
    yield
    chaos.ACTIVE.clear()


def test_a_gateway_that_fails_on_purpose_still_says_how_it_is(faulty_gateway, shop):
    assert (shop.ask().status, shop.ask("/healthz").status) == (503, 200)


def test_a_cache_that_is_stopped_keeps_nothing(shop):
    change_cache(shop.door, "", "stop")
    shop.ask()
    assert shop.ready() is None

    change_cache(shop.door, "", None)
    shop.ask()
    assert shop.ready()
