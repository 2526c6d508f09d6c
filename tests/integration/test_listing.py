"""Lists of the catalogue: in order, whole, and never sorted by the server."""

import itertools
import random
from datetime import UTC, datetime

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from common.errors import Invalid
from common.ids import new_id
from product_service.domain.categories import Category
from product_service.domain.product import Status
from product_service.domain.query import ProductQuery, Sort
from product_service.storage.categories import CategoryRepository
from product_service.storage.documents import to_document
from product_service.storage.facets import counting, hint_of, widest
from product_service.storage.listing import Listing
from product_service.storage.outbox import ProductRelay
from product_service.storage.products import ProductRepository
from product_service.storage.rarity import rarest_first
from product_service.storage.reservations import ReservationRepository
from product_service.storage.reviews import ReviewRepository
from product_service.storage.search import tiers, walk
from product_service.storage.sellers import SellerRepository
from tests.builders import a_product, pounds
from tests.catalogues import Part, a_catalogue

KITCHEN, MUGS = Category("kitchen", "Kitchen"), Category("mugs", "Mugs", "kitchen")
GARDEN = Category("garden", "Garden")
PATHS = ([KITCHEN], [KITCHEN, MUGS], [GARDEN])
SELLERS = [new_id() for _ in range(3)]
NAMES = ["Tea mug", "Salt pig", "Bowl", "Large tea pot", "Watering can"]
MANY = 400
chance = random.Random(1)  # noqa: S311 - the same catalogue each time


@pytest.fixture(scope="module")
def database(stack):
    with a_catalogue(stack) as database:
        database.products.insert_many([a_document(number) for number in range(MANY)])
        yield database


@pytest.fixture
def own(stack):
    """An empty catalogue."""
    with a_catalogue(stack) as database:
        yield database


def a_document(number):
    path = PATHS[number % 3]
    product = a_product(
        seller_id=SELLERS[number % 7 % 3],
        sku=f"SKU-{number}",
        title=f"{NAMES[number % 5]} {number}",
        description="For your tea.",
        category=path[-1].slug,
        price=pounds(chance.randrange(100, 120) * 10),
        available=number % 4,
        status=Status.DRAFT if number % 10 == 0 else Status.ACTIVE,
    )
    product.file(path)
    return to_document(product)


def walked(database, meanwhile=lambda: None, **query):
    """All products of a list, page by page, with what happens between the pages."""
    found, cursor = [], None
    while True:
        page = Listing(database).page(ProductQuery(**query, cursor=cursor))
        found += page.products
        if page.end is None:
            return found
        cursor = page.end.written()
        meanwhile()


FILTERS = {
    "q": [None, "tea mug"],
    "category": [None, "kitchen"],
    "seller_id": [None, SELLERS[0]],
    "min_price": [None, 1050],
    "max_price": [None, 1150],
    "in_stock": [None, True],
    "sort": list(Sort),
}
QUERIES = [
    ProductQuery(**dict(zip(FILTERS, values, strict=True)))
    for values in itertools.product(*FILTERS.values())
]


def expected(database, query):
    """What fits, by going through everything there is."""
    for doc in database.products.find({"for_sale": True}):
        words = query.words or []
        price = doc["price"]["amount"]
        if all(
            [
                set(words) <= set(doc["words"]),
                query.category in (None, *doc["category_path"]),
                query.seller_id in (None, doc["seller_id"]),
                (query.min_price or 0) <= price <= (query.max_price or 10**9),
                query.in_stock in (None, doc["available"] > 0),
            ]
        ):
            yield doc


ORDERS = {
    Sort.NEWEST: lambda p, _: p["_id"],
    Sort.CHEAPEST: lambda p, _: (p["price"]["amount"], p["_id"]),
    Sort.DEAREST: lambda p, _: (p["price"]["amount"], p["_id"]),
    Sort.RELEVANCE: lambda p, words: (set(words) <= set(p["title_words"]), p["_id"]),
}


@pytest.mark.parametrize("sort", Sort)
def test_every_query_finds_what_fits_in_its_order(database, sort):
    everything = list(database.products.find({"for_sale": True}))
    assert len(everything) > MANY / 2

    for query in (each for each in QUERIES if each.sort is sort):
        wanted = sorted(
            expected(database, query),
            key=lambda p, q=query: ORDERS[q.order](p, q.words or []),
            reverse=query.order is not Sort.CHEAPEST,
        )
        asked = {name: getattr(query, name) for name in FILTERS}
        found = walked(database, **asked, limit=50)
        assert [p.id for p in found] == [p["_id"] for p in wanted], query


def stages(plan):
    yield plan
    for name in ("inputStage", "thenStage", "elseStage"):
        if name in plan:
            yield from stages(plan[name])
    for inner in plan.get("inputStages", ()):
        yield from stages(inner)


def winning(explained):
    planner = explained.get("queryPlanner") or next(
        stage["$cursor"]["queryPlanner"]
        for stage in explained["stages"]
        if "$cursor" in stage
    )
    plan = planner["winningPlan"]
    return plan.get("queryPlan", plan)


def explain(database, command):
    answer = database.database.command("explain", command, verbosity="queryPlanner")
    return {stage["stage"] for stage in stages(winning(answer))}


def finds(database, query):
    """The commands that a page of ``query`` may take, the first and a later one."""
    for tier in tiers(query):
        first = Listing(database).page(query).end
        for place in {None, first}:
            walking = walk(query, tier, place)
            yield {"find": database.products.name, **walking, "limit": 21}


@pytest.mark.parametrize("sort", Sort)
def test_no_list_is_sorted_or_searched_without_an_index(database, sort):
    for query in (each for each in QUERIES if each.sort is sort):
        for command in finds(database, query):
            used = explain(database, command)
            assert "IXSCAN" in used, command
            assert not used & {"COLLSCAN", "SORT", "SORT_MERGE", "OR"}, (command, used)


class Overheard(CommandListener):
    """What is asked of MongoDB, as it can be explained."""

    KINDS = ("find", "aggregate", "distinct", "update")
    PARTS = ("filter", "sort", "hint", "pipeline", "cursor", "key", "query", "updates")

    def __init__(self):
        self.commands = []

    def started(self, event):
        if event.command_name in self.KINDS:
            named = (event.command_name, *self.PARTS)
            said = event.command
            self.commands.append({name: said[name] for name in named if name in said})

    def succeeded(self, event): ...

    def failed(self, event): ...


def test_nor_is_anything_else_that_is_looked_up(database):
    heard, seller_id = Overheard(), SELLERS[0]
    options = {"tz_aware": True, "event_listeners": [heard]}
    with MongoClient(database.uri, **options) as client:
        part = Part(client.get_default_database(), database.prefix)
        products, sellers = ProductRepository(part), SellerRepository(part)
        reviews = ReviewRepository(part)
        for query in QUERIES[::20]:
            products.search(query)
        products.read([new_id()])
        products.for_sale([new_id()])
        products.of_skus(seller_id, ["SKU-1", "SKU-2"])
        products.follow_seller(seller_id, True)
        products.ids_of(seller_id)
        CategoryRepository(part).all()
        sellers.active(20, None)
        sellers.active(20, [new_id()])
        reviews.of_product(new_id(), 20, None)
        reviews.of_product(new_id(), 20, [new_id()])
        reviews.forget(new_id())
        ReservationRepository(part).expire(datetime.now(UTC))
        ProductRelay(part, print).waiting(50)

    assert len(heard.commands) > 10
    for command in heard.commands:
        used = explain(database, command)
        assert not used & {"COLLSCAN", "SORT"}, (command, used)


def test_facets_are_counted_along_an_index(database):
    for query in QUERIES:
        tier = widest(query)
        command = {
            "aggregate": database.products.name,
            "pipeline": counting(tier),
            "hint": hint_of(tier),
            "cursor": {},
        }
        used = explain(database, command)
        assert "IXSCAN" in used
        assert not used & {"COLLSCAN", "SORT"}, (command, used)


def test_facets_count_what_is_found(database):
    query = ProductQuery(q="tea", category="kitchen", facets=True)
    wanted = list(expected(database, query))

    found = Listing(database).page(query).facets

    mugs = [p for p in wanted if p["category"] == "mugs"]
    assert found["categories"] == [
        {"value": "kitchen", "count": len(wanted)},
        {"value": "mugs", "count": len(mugs)},
    ]
    assert sum(each["count"] for each in found["sellers"]) == len(wanted)
    assert found["prices"] == [{"from": 1000, "to": 2500, "count": len(wanted)}]
    assert found["in_stock"] == sum(p["available"] > 0 for p in wanted)


def test_facets_of_nothing_are_empty(database):
    found = Listing(database).page(ProductQuery(q="zeppelin", facets=True)).facets

    assert found == {"categories": [], "sellers": [], "prices": [], "in_stock": 0}


@pytest.mark.parametrize("query", [{}, {"q": "tea"}, {"category": "mugs"}])
@pytest.mark.parametrize("sort", [Sort.CHEAPEST, Sort.DEAREST])
def test_prices_that_change_make_no_page_skip_or_repeat(own, sort, query):
    own.products.insert_many([a_document(number) for number in range(120)])
    ids = {p["_id"] for p in expected(own, ProductQuery(**query))}

    def change_prices():
        for product_id in chance.sample(sorted(ids), 20):
            price = chance.randrange(1, 10_000)
            changed = {"$set": {"price.amount": price}}
            own.products.update_one({"_id": product_id}, changed)

    found = walked(own, change_prices, sort=sort, limit=7, **query)

    assert len(found) == len(ids)
    assert {product.id for product in found} == ids


def test_titles_that_change_make_no_page_skip_or_repeat(own):
    own.products.insert_many([a_document(number) for number in range(60)])
    ids = {p["_id"] for p in expected(own, ProductQuery(q="tea"))}
    titles = itertools.cycle([["tea"], ["cup"]])

    def change_titles():
        for product_id in ids:
            own.products.update_one(
                {"_id": product_id}, {"$set": {"title_words": next(titles)}}
            )

    found = walked(own, change_titles, q="tea", limit=7)

    assert sorted(product.id for product in found) == sorted(ids)


def test_what_is_shown_is_of_now(own):
    own.products.insert_many([a_document(number) for number in range(30)])
    repository = ProductRepository(own)
    first = repository.search(ProductQuery(sort=Sort.CHEAPEST, limit=5))
    rest = ProductQuery(sort=Sort.CHEAPEST, limit=50, cursor=first.end.written())
    before = repository.search(rest).products
    own.products.update_one({"_id": before[0].id}, {"$set": {"price.amount": 1}})
    repository.archive(before[1].id, before[1].seller_id, datetime.now(UTC))

    after = repository.search(rest).products

    assert [p.id for p in after] == [p.id for p in before if p.id != before[1].id]
    assert after[0].price == pounds(1)


@pytest.mark.parametrize("moment", [(1, 1), (2**32 - 1, 1)])
def test_a_moment_that_cannot_be_read_is_refused(database, moment):
    cursor = [1000, *moment, new_id()]

    with pytest.raises(Invalid) as refusal:
        Listing(database).page(ProductQuery(sort=Sort.CHEAPEST, cursor=cursor))

    assert list(refusal.value.details) == ["cursor"]


def test_a_rare_word_beside_a_common_one_is_walked_along(database):
    for q in ("tea 7", "7 tea"):
        query = rarest_first(database.products, ProductQuery(q=q))
        assert query.words == ["7", "tea"]
    for tier in tiers(query):
        command = {"find": database.products.name, **walk(query, tier, None)}
        run = database.database.command("explain", command, verbosity="executionStats")
        # One for a product that has it, and one to see that there is no other.
        assert run["executionStats"]["totalKeysExamined"] <= 2


def test_words_that_say_nothing_find_nothing(database):
    for sort in (None, *Sort):
        assert Listing(database).page(ProductQuery(q="the", sort=sort)).products == []
