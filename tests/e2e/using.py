"""One way to use a route: somebody asks for a thing of somebody's."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from common.ids import new_id
from tests.access import Rule
from tests.cast import ROLES, Cast, Person
from tests.client import Answer
from tests.e2e.recipes import Recipe, recipe_of

BOUGHT = "anyone's, once bought"
ANYONES, SUPPORTS = "anyone's", "own, or anyone's for support"
# As we give them, of what is not there.
A_TAG = '"1-0123456789abcdef"'


@dataclass
class Use:
    cast: Cast
    rule: Rule
    person: Person
    owner: Person

    @property
    def recipe(self) -> Recipe:
        return recipe_of(self.rule.route)

    @cached_property
    def path(self) -> str:
        make = self.recipe.thing
        return self.path_to(make(self.cast, self.owner) if make else "")

    def path_to(self, thing: str) -> str:
        path = self.rule.path.replace(f"{{{self.recipe.name}}}", thing)
        if self.recipe.of and self.person.role == "support":
            return f"{path}?{self.recipe.of}={self.owner.id}"
        return path

    @property
    def sees_all(self) -> bool:
        """Whether this is for anybody's things, by the role of who asks."""
        whose = self.rule.whose
        return whose == ANYONES or (whose == SUPPORTS and self.person.role == "support")

    @cached_property
    def body(self) -> Any:
        make = self.recipe.body
        return make(self.cast, self.owner) if make else None

    def ask(self, body: Any, path: str | None = None) -> Answer:
        path = path or self.path
        headers = {"Idempotency_Key": new_id()} if self.rule.method == "POST" else {}
        if self.recipe.match:
            headers["If_Match"] = self.seen(path).headers.get("ETag", A_TAG)
        return self.person.client.call(self.rule.method, path, body, **headers)

    def seen(self, path: str) -> Answer:
        """The thing, as its owner finds it."""
        return self.owner.client.get(path)


def well(cast: Cast, rule: Rule) -> Use:
    """Used by somebody who may, on a thing of their own."""
    role = next(iter(sorted(rule.roles)), "customer")
    name = next(name for name in ROLES if ROLES[name] == role)
    recipe = recipe_of(rule.route)
    person = cast[name] if recipe.survive else cast.another(role)
    return Use(cast, rule, person, recipe.owner(cast, person))
