"""The tree of categories: a product lies under its own and all above it."""

from collections.abc import Iterable
from dataclasses import dataclass

from product_service.domain import errors


@dataclass(frozen=True)
class Category:
    slug: str
    name: str
    parent: str | None = None


class Tree:
    def __init__(self, categories: Iterable[Category]) -> None:
        self.categories = {each.slug: each for each in categories}

    def path(self, slug: str) -> list[Category]:
        """From the root down to ``slug``; raises for a category that is none."""
        if slug not in self.categories:
            raise errors.no_such_category(slug)
        found: list[Category] = []
        here = self.categories.get(slug)
        # A circle is an operator's mistake, and no reason to go round for ever.
        while here is not None and here not in found:
            found.insert(0, here)
            here = self.categories.get(here.parent or "")
        return found
