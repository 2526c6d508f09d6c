"""Every path is known or unknown, and remembered within bounds."""

from types import SimpleNamespace

import pytest
from werkzeug.routing import Rule

from common.ids import new_id
from gateway import routing
from gateway.routing import Routes

TEA = new_id()


class Entrypoint:
    def __init__(self, method, url):
        self.method, self.url = method, url
        self.route = SimpleNamespace(path=url, limit="browse")

    def get_url_rule(self):
        return Rule(self.url, methods=[self.method])


LIST = Entrypoint("GET", "/v1/products")
CREATE = Entrypoint("POST", "/v1/products")
READ = Entrypoint("GET", "/v1/products/<id:product_id>")


@pytest.fixture
def routes():
    return Routes([LIST, CREATE, READ])


def test_a_path_leads_to_its_route(routes):
    found = routes.find("GET", f"/v1/products/{TEA}")

    assert (found.entrypoint, found.values) == (READ, {"product_id": TEA})


def test_head_goes_where_get_goes(routes):
    assert routes.find("HEAD", "/v1/products").entrypoint is LIST


@pytest.mark.parametrize(
    "path",
    ["/", "/v1/products/", "/v1/products/1", "//v1/products", f"/v1/products/{TEA}x"],
)
def test_an_unknown_path_has_no_methods(routes, path):
    found = routes.find("GET", path)

    assert (found.entrypoint, found.methods) == (None, frozenset())


@pytest.mark.parametrize("method", ["PUT", "OPTIONS", "TRACE"])
def test_a_known_path_tells_its_methods(routes, method):
    found = routes.find(method, "/v1/products")

    assert found.entrypoint is None
    assert found.methods == {"GET", "HEAD", "OPTIONS", "POST"}


def test_what_is_remembered_is_bounded(routes, monkeypatch):
    monkeypatch.setattr(routing, "REMEMBERED", 10)
    routes = Routes([READ])

    for _ in range(100):
        routes.find("GET", f"/v1/products/{new_id()}")
        routes.find("GET", "/" + "x" * 8000)

    assert routes._remembered.cache_info().currsize == 10


def test_labels_of_unknown_paths_are_one(routes):
    labels = {
        routes.find(method, path).label(method, 404)
        for method, path in (("GET", "/a"), ("PUT", "/b"), ("GET", "/c"))
    }

    assert len(labels) == 1
