"""What the gateway tells about itself."""

from tests.client import eventually


def test_the_contract_is_served(stranger):
    contract = stranger.get("/openapi.json").body

    assert contract["openapi"].startswith("3.1")
    assert "/v1/orders" in contract["paths"]


def test_the_page_and_its_parts_come_from_here(stranger):
    page = stranger.get("/docs", Accept="text/html")

    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert b"//" not in page.raw.replace(b"<!doctype html>", b"")
    for part in ("docs.js", "swagger-ui.css", "swagger-ui-bundle.js"):
        assert f"/docs/{part}".encode() in page.raw
        assert stranger.get(f"/docs/{part}").status == 200


def test_the_shop_is_ready_and_says_what_it_needs(stranger):
    # A process that another test has ended may still be on its way back.
    eventually(lambda: stranger.get("/readyz").status, 200, seconds=60)

    ready = stranger.get("/readyz")

    assert (ready.status, ready.body["status"]) == (200, "ready")
    assert set(ready.body["dependencies"]) == {
        "auth_service", "user_service", "product_service", "order_service",
        "rabbitmq", "postgres", "mongodb", "redis", "consul",
    }  # fmt: skip
    assert set(ready.body["dependencies"].values()) == {"passing"}
    assert ready.body["warnings"] == []


def test_public_reads_may_be_cached_and_personal_ones_may_not(stranger, customer):
    assert stranger.get("/v1/products").headers["Cache-Control"].startswith("public")
    for path in ("/v1/cart", "/v1/orders", "/v1/users/me"):
        assert customer.get(path).headers["Cache-Control"] == "private, no-store"
