"""Whoever operates the shop sees all of it on one page, in any browser."""

import pytest

from tests.browser import browsing
from tests.client import Client, eventually

SERVICES = {
    "gateway",
    "auth_service",
    "user_service",
    "product_service",
    "order_service",
}


@pytest.fixture(scope="module")
def console(stack):
    return f"http://{stack.settings.console_address}"


@pytest.fixture
def seen(console):
    """``seen()``: what the page shows now, as data."""
    client = Client(console)
    return lambda: client.get("/ops.json").body


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with browsing(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


def test_every_process_and_server_is_seen_at_work(seen):
    def at_work():
        instances = [each for each in seen()["instances"] if each["is_ours"]]
        return {each["service"] for each in instances if each["memory"]}

    eventually(at_work, SERVICES, seconds=30)
    servers = {each["service"] for each in seen()["instances"] if not each["is_ours"]}
    assert {"rabbitmq", "postgres", "mongodb", "redis"} <= servers


def test_what_customers_ask_is_seen_with_its_times(seen, stranger):
    def has_been_counted():
        stranger.get("/v1/categories")
        found = [r for r in seen()["routes"] if r["name"] == "GET /v1/categories"]
        return bool(found and found[0]["rate"] > 0)

    eventually(has_been_counted, True, seconds=30)


def test_queues_and_circuits_are_seen(seen):
    def queues():
        return {each["name"] for each in seen()["queues"]}

    eventually(lambda: "dead-letters" in queues(), True, seconds=30)
    assert {f"rpc-{name}" for name in SERVICES - {"gateway"}} <= queues()
    assert {"gateway"} <= {each["caller"] for each in seen()["breakers"]}


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_browser_shows_it_whole_and_asks_nobody_else(browser, console, width, dark):
    browser.open(f"{console}/ops", width, dark)

    asked = [
        each["request"]["url"] for each in browser.told("Network.requestWillBeSent")
    ]
    (again,) = browser.until("Page.frameScheduledNavigation")
    assert asked == [f"{console}/ops"]
    # Nor has its own policy kept anything out.
    assert not browser.told("Log.entryAdded")
    assert (again["reason"], again["delay"]) == ("metaTagRefresh", 5)
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert browser.value("document.querySelector('#instances tbody').rows.length") >= 6
    ground = browser.value("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(14, 19, 24)" if dark else "rgb(244, 246, 248)")


def test_the_terminal_shows_the_same(stack):
    done = stack.shopnow("top", "--once", "--every", "0.2", COLUMNS="80")

    assert done.returncode == 0, done.stdout
    assert "rpc-order_service" in done.stdout
    assert all(service in done.stdout for service in SERVICES)
    assert max(map(len, done.stdout.splitlines())) <= 80
