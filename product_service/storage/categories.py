"""Where the categories live."""

from pymongo.database import Database

from product_service.domain.categories import Category, Tree


class CategoryRepository:
    def __init__(self, database: Database) -> None:
        self.categories = database.categories

    def all(self) -> list[Category]:
        found = self.categories.find().sort("_id")
        return [Category(doc["_id"], doc["name"], doc["parent"]) for doc in found]

    def tree(self) -> Tree:
        return Tree(self.all())

    def add(self, category: Category) -> None:
        document = {"name": category.name, "parent": category.parent}
        self.categories.replace_one({"_id": category.slug}, document, upsert=True)
