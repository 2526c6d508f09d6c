"""What a seller does to their products, as everybody else sees it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from common.ids import new_id
from tests.client import eventually
from tests.e2e.conftest import put_on_shelf


@pytest.fixture(scope="module")
def rival(cast):
    """Another seller."""
    return cast["seller A"].client


def path_of(product_id):
    return f"/v1/products/{product_id}"


def a_row(seller, **changes):
    category = seller.get("/v1/categories").body["items"][0]["slug"]
    row = {"sku": f"ROW-{new_id()}", "title": "Row mug", "category": category}
    return row | {"price": {"amount": 450, "currency": "GBP"}} | changes


class TestPatch:
    def test_what_is_named_changes_and_the_rest_stays(self, seller, product):
        path = path_of(product(attributes={"colour": "red", "size": "S"}))
        before = seller.get(path).body
        patch = {"price": {"amount": 999}, "attributes": {"size": None, "lid": "yes"}}

        got = seller.change(path, patch)

        assert got.status == 200
        changed = {
            "price": {"amount": 999, "currency": "GBP"},
            "attributes": {"colour": "red", "lid": "yes"},
            "version": before["version"] + 1,
            "updated_at": got.body["updated_at"],
        }
        assert got.body == before | changed
        assert got.headers["ETag"] == seller.get(path).headers["ETag"]

    def test_what_is_so_already_is_no_change(self, seller, product):
        path = path_of(product())
        tag = seller.get(path).headers["ETag"]

        got = seller.patch(path, {"title": "Test mug"}, If_Match=tag)

        assert (got.status, got.headers["ETag"]) == (200, tag)

    def test_who_has_not_read_it_is_asked_to(self, seller, product):
        got = seller.patch(path_of(product()), {"title": "Other"})

        assert (got.status, got.code) == (428, "if_match_required")

    def test_of_two_writers_with_one_tag_one_is_told(self, seller, product):
        path = path_of(product())
        tag = seller.get(path).headers["ETag"]

        def write(title):
            return seller.patch(path, {"title": title}, If_Match=tag)

        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(write, ["First", "Second"]))

        assert sorted(got.status for got in answers) == [200, 412]
        (kept,) = (got.body for got in answers if got.status == 200)
        assert seller.get(path).body["title"] == kept["title"]

    @pytest.mark.parametrize(
        ("patch", "wrong"),
        [
            ({"title": None}, "title"),
            ({"status": None}, "status"),
            ({"status": "archived"}, "status"),
            ({"price": {"currency": None}}, "price.currency"),
            ({"category": "no-such-category"}, "category"),
            ({"seller_id": None}, "seller_id"),
            ({"available": 5}, "available"),
            ({"version": 7}, "version"),
            ({"attributes": dict.fromkeys(map(str, range(51)), "x")}, "attributes"),
            ({"images": ["javascript:alert(1)"]}, "images.0"),
            ([], "body"),
            ("x", "body"),
        ],
    )
    def test_what_cannot_be_is_named(self, seller, product, patch, wrong):
        path = path_of(product())
        before = seller.get(path)

        got = seller.patch(path, patch, If_Match=before.headers["ETag"])

        assert (got.status, list(got.body["errors"])) == (422, [wrong])
        assert seller.get(path).raw == before.raw

    def test_a_draft_is_put_up_for_sale_and_taken_down(self, seller, stranger, product):
        path = path_of(product(status="draft"))

        assert stranger.get(path).status == 404
        assert seller.change(path, {"status": "active"}).body["status"] == "active"
        eventually(lambda: stranger.get(path).status, 200)
        assert seller.change(path, {"status": "draft"}).status == 200
        eventually(lambda: stranger.get(path).status, 404)

    def test_a_text_with_a_dollar_is_a_text(self, seller, product):
        path = path_of(product())

        got = seller.change(path, {"title": "$price", "attributes": {"$set": "$x.y"}})

        assert (got.body["title"], got.body["attributes"]) == (
            "$price",
            {"$set": "$x.y"},
        )

    def test_another_seller_finds_nothing_to_change(self, seller, rival, product):
        path = path_of(product())
        before = seller.get(path)

        patched = rival.patch(path, {"title": "Mine"}, If_Match=before.headers["ETag"])
        archived = rival.delete(path)

        assert (patched.status, archived.status) == (404, 404)
        assert seller.get(path).raw == before.raw

    def test_a_taken_sku_is_refused(self, seller, product):
        taken = seller.get(path_of(product())).body["sku"]

        got = seller.change(path_of(product()), {"sku": taken})

        assert (got.status, got.code) == (409, "sku_taken")


class TestArchive:
    def test_it_is_gone_for_all_but_its_seller(self, seller, stranger, product):
        product_id = product(stock=2)
        path = path_of(product_id)

        assert [seller.delete(path).status for _ in range(2)] == [204, 204]

        eventually(lambda: stranger.get(path).status, 404)
        kept = seller.get(path).body
        assert (kept["status"], kept["version"]) == ("archived", 2)
        put_on_shelf(seller, product_id, 1)
        assert seller.get(f"{path}/inventory").body["available"] == 3

    def test_it_cannot_be_ordered_nor_put_in_a_cart(self, seller, newcomer, product):
        product_id = product(stock=2)
        seller.delete(path_of(product_id))

        ordered = newcomer.place({product_id: 1})
        put = newcomer.put(f"/v1/cart/items/{product_id}", {"quantity": 1})

        assert (ordered.status, ordered.code) == (409, "product_not_for_sale")
        assert put.status == 404

    def test_it_stays_as_it_is(self, seller, product):
        path = path_of(product())
        seller.delete(path)

        got = seller.change(path, {"status": "active"})

        assert (got.status, got.code) == (409, "product_archived")

    def test_its_sku_is_free_again(self, seller, product):
        first = product()
        sku = seller.get(path_of(first)).body["sku"]
        seller.delete(path_of(first))

        second = product(sku=sku)

        assert second != first
        seller.delete(path_of(second))
        assert product(sku=sku)


class TestBatch:
    def test_each_row_has_its_own_result(self, seller, product):
        known = seller.get(path_of(product())).body
        new = a_row(seller)
        rows = [
            new,
            {"sku": known["sku"], "price": {"amount": 123}},
            a_row(seller, sku="not a sku"),
            {"sku": f"ROW-{new_id()}"},
            a_row(seller, category="no-such-category"),
            a_row(seller, sku=new["sku"]),
            "nonsense",
            {"sku": known["sku"], "seller_id": new_id()},
        ]

        got = seller.post("/v1/products/batch", {"items": rows})

        results = got.body["items"]
        assert got.status == 200
        assert [row["status"] for row in results] == [
            201, 200, 422, 422, 422, 409, 422, 409,
        ]  # fmt: skip
        assert [row["sku"] for row in results[:6]] == [row["sku"] for row in rows[:6]]
        assert set(results[3]["errors"]) == {"title", "category", "price"}
        assert results[1]["product_id"] == known["id"]
        read = seller.get(path_of(known["id"])).body
        assert (read["price"]["amount"], read["version"]) == (123, 2)
        assert read["title"] == known["title"]
        assert seller.get(path_of(results[0]["product_id"])).body["sku"] == new["sku"]

    def test_five_hundred_rows_are_taken_and_no_more(self, seller):
        rows = [a_row(seller) for _ in range(1)]
        rows = [rows[0] | {"sku": f"MANY-{new_id()}"} for _ in range(500)]

        first = seller.post("/v1/products/batch", {"items": rows})
        again = seller.post("/v1/products/batch", {"items": rows})
        more = seller.post("/v1/products/batch", {"items": [*rows, rows[0]]})

        assert {row["status"] for row in first.body["items"]} == {201}
        assert {row["status"] for row in again.body["items"]} == {200}
        assert {row["version"] for row in again.body["items"]} == {1}
        assert (more.status, list(more.body["errors"])) == (422, ["items"])

    def test_a_key_has_one_answer(self, seller):
        batch, key = {"items": [a_row(seller)]}, new_id()

        first = seller.post("/v1/products/batch", batch, Idempotency_Key=key)
        again = seller.post("/v1/products/batch", batch, Idempotency_Key=key)
        other = seller.post(
            "/v1/products/batch", {"items": [a_row(seller)]}, Idempotency_Key=key
        )

        assert first.body["items"][0]["status"] == 201
        assert again.body == first.body
        assert again.headers["Idempotent-Replayed"] == "true"
        assert (other.status, other.code) == (422, "idempotency_key_reused")

    def test_at_the_same_time_each_product_is_made_once(self, seller):
        rows = [a_row(seller) for _ in range(50)]

        def send(_):
            return seller.post("/v1/products/batch", {"items": rows})

        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(send, range(4)))

        results = [got.body["items"] for got in answers]
        assert {row["status"] for rows in results for row in rows} <= {200, 201}
        ids = [[row["product_id"] for row in rows] for rows in results]
        assert all(each == ids[0] for each in ids)
        made = [row for rows in results for row in rows if row["status"] == 201]
        assert len(made) == len(rows)

    def test_another_sellers_sku_is_a_product_of_ones_own(self, seller, rival, product):
        theirs = seller.get(path_of(product())).body

        got = rival.post(
            "/v1/products/batch", {"items": [a_row(rival, sku=theirs["sku"])]}
        )

        assert got.body["items"][0]["status"] == 201
        assert seller.get(path_of(theirs["id"])).body == theirs

    def test_a_change_is_seen_soon(self, seller, stranger, product):
        path = path_of(product())
        sku = stranger.get(path).body["sku"]

        seller.post("/v1/products/batch", {"items": [{"sku": sku, "title": "New"}]})

        eventually(lambda: stranger.get(path).body["title"], "New")


class TestSearch:
    @pytest.fixture
    def word(self, product):
        """A word in the title of one product, and in the description of another."""
        word = f"w{new_id().replace('-', '')}"
        product(stock=1, title=f"A {word}")
        product(description=f"As good as a {word}.")
        return word

    def test_titles_come_first(self, stranger, word):
        found = stranger.get(f"/v1/products?q={word}").body["items"]

        assert [item["title"] for item in found] == [f"A {word}", "Test mug"]

    def test_facets_are_told_when_asked_for(self, stranger, word):
        plain = stranger.get(f"/v1/products?q={word}").body
        told = stranger.get(f"/v1/products?q={word}&facets=true&limit=1").body

        assert set(plain) == {"items", "next"}
        assert told["facets"]["in_stock"] == 1
        assert told["facets"]["prices"] == [{"from": 0, "to": 500, "count": 2}]
        assert told["facets"]["sellers"][0]["count"] == 2

    def test_a_category_has_what_lies_below_it(self, stranger, product):
        tree = stranger.get("/v1/categories").body["items"]
        child = next(each for each in tree if each["parent"])
        product_id = product(category=child["slug"])

        page = stranger.get(f"/v1/products?category={child['parent']}&limit=100").body

        assert product_id in [item["id"] for item in page["items"]]

    @pytest.mark.parametrize("sort", ["price", "-price"])
    def test_prices_may_change_between_pages(self, stranger, seller, product, sort):
        word = f"w{new_id().replace('-', '')}"
        prices = [{"amount": 100 * n, "currency": "GBP"} for n in range(1, 8)]
        ids = [product(title=word, price=price) for price in prices]
        path, found = f"/v1/products?q={word}&sort={sort}&limit=2", []
        after = ""
        while after is not None:
            page = stranger.get(path + after).body
            found += [item["id"] for item in page["items"]]
            after = page["next"] and f"&cursor={page['next']}"
            for product_id in ids[::3]:
                other = {"price": {"amount": 1000 - 100 * len(found)}}
                assert seller.change(path_of(product_id), other).status == 200

        assert found == (ids if sort == "price" else ids[::-1])
