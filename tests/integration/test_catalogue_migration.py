"""A catalogue of before is brought to what the code expects, while it is used."""

import pytest
from pymongo import ASCENDING, TEXT, IndexModel

from common.ids import new_id
from product_service.domain.query import ProductQuery, Sort
from product_service.storage import schema
from product_service.storage.products import ProductRepository
from tests.builders import NOON, SELLER
from tests.catalogues import a_catalogue

CATEGORIES = [
    {"_id": "kitchen", "name": "Kitchen", "parent": None},
    {"_id": "tea-pots", "name": "Tea Pots", "parent": "kitchen"},
]


@pytest.fixture
def database(stack):
    """As the release before left it."""
    with a_catalogue(stack) as database:
        for name in ("products", "categories"):
            database[name].drop()
            database.create_collection(name)
        database.products.create_indexes(
            [
                IndexModel([("seller_id", 1), ("sku", ASCENDING)], unique=True),
                IndexModel([("title", TEXT), ("description", TEXT)]),
            ]
        )
        database.categories.insert_many(CATEGORIES)
        yield database


def a_product_of_before(**changes):
    return {
        "_id": new_id(),
        "seller_id": SELLER,
        "sku": new_id(),
        "title": "Stoneware",
        "description": "With a beech handle.",
        "category": "tea-pots",
        "price": {"amount": 450, "currency": "GBP"},
        "created_at": NOON,
        "updated_at": NOON,
        "attributes": {},
        "images": [],
        "status": "active",
        "seller_active": True,
        "for_sale": True,
        "version": 1,
        "available": 0,
        "reserved": 0,
    } | changes


def found(database, **query):
    page = ProductRepository(database).search(ProductQuery(**query))
    return [product.id for product in page.products]


def test_products_of_before_are_found_in_every_way(database):
    old = a_product_of_before()
    database.products.insert_one(old)

    schema.migrate(database)

    for query in ({}, {"q": "handles"}, {"q": "pot"}, {"category": "kitchen"}):
        for sort in Sort:
            assert found(database, sort=sort, **query) == [old["_id"]]
    (quoted,) = ProductRepository(database).for_sale([old["_id"]])
    assert quoted.category_path == ["kitchen", "tea-pots"]


def test_many_are_completed_and_no_version_changes(database):
    database.products.insert_many([a_product_of_before() for _ in range(1100)])

    schema.migrate(database)

    whole = {"words": {"$exists": True}, "version": 1}
    assert database.products.count_documents(whole) == 1100


def test_a_second_run_changes_nothing(database):
    database.products.insert_one(a_product_of_before())
    schema.migrate(database)
    before = list(database.products.find())

    schema.migrate(database)

    assert list(database.products.find()) == before


def test_a_category_that_moved_takes_its_products_along(database):
    old = a_product_of_before()
    database.products.insert_one(old)
    schema.migrate(database)
    moved = {"$set": {"parent": None, "name": "Brewing"}}
    database.categories.update_one({"_id": "tea-pots"}, moved)

    schema.migrate(database)

    assert found(database, category="kitchen") == []
    assert found(database, q="brewing") == [old["_id"]]


def test_indexes_that_nobody_needs_any_more_go(database):
    schema.migrate(database)

    names = set(database.products.index_information())
    declared = {index.document["name"] for index in schema.INDEXES["products"]}
    assert names == declared | {"_id_"}


@pytest.mark.parametrize(
    ("collection", "change"),
    [
        ("products", {"status": "sold"}),
        ("products", {"price": {"amount": -1, "currency": "GBP"}}),
        ("products", {"price": {"amount": 4.5, "currency": "GBP"}}),
        ("products", {"available": -1}),
        ("products", {"title": ""}),
        ("products", {"words": "tea"}),
        ("products", {"version": 0}),
        ("products", {"events": []}),
        ("products", {"images": [1]}),
        ("categories", {"name": 1}),
        ("categories", {"parent": 1}),
    ],
)
def test_mongodb_itself_refuses_what_is_no_such_thing(database, collection, change):
    database.products.insert_one(a_product_of_before())
    schema.migrate(database)

    with pytest.raises(Exception, match="failed validation"):
        database[collection].update_one({}, {"$set": change})
