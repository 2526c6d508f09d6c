"""Every route, tried by everybody, on their own things and on others'.

What is expected comes from ``docs/access.md``, and nothing of it from the code.
"""

from dataclasses import dataclass, replace

import pytest

from common.ids import new_id
from tests.access import OPEN, RULES, Rule
from tests.cast import NOBODY, ROLES, Cast, Person
from tests.e2e.recipes import PLAIN, RECIPES, Recipe, recipe_of

ANYONES = "anyone's"
OWN, FOREIGN = "own", "foreign"
OF_THE_ANSWER = ("instance", "request_id", "detail")
CELLS = [
    pytest.param(rule, name, whose, id=f"{rule.route} as {name}, {whose}")
    for rule in RULES
    for name in ROLES
    for whose in (OWN, FOREIGN)
]


@dataclass
class Cell:
    """One way to use a route: ``person`` asks for a thing of ``owner``."""

    cast: Cast
    rule: Rule
    person: Person
    owner: Person

    @property
    def recipe(self) -> Recipe:
        return recipe_of(self.rule.route)

    @property
    def expected(self) -> int | None:
        """None where all shall be well."""
        rule, role = self.rule, self.person.role
        if role is None and rule.who not in OPEN:
            return 401
        if rule.roles and role not in rule.roles:
            return 403
        strange = self.recipe.thing and not self.recipe.lies_beside
        if rule.whose != ANYONES and strange and self.owner is not self.person:
            return 404
        return None

    @property
    def path(self) -> str:
        thing = self.recipe.thing and self.recipe.thing(self.cast, self.owner)
        return self.path_to(thing or "")

    def path_to(self, thing: str) -> str:
        return self.rule.path.replace(f"{{{self.recipe.name}}}", thing)

    def ask(self, path: str):
        make = self.recipe.body
        body = make(self.cast, self.owner) if make else None
        headers = {"Idempotency_Key": new_id()} if self.rule.method == "POST" else {}
        if self.recipe.match:
            headers["If_Match"] = self.seen(path).headers.get("ETag", '"1"')
        return self.person.client.call(self.rule.method, path, body, **headers)

    def seen(self, path: str):
        """The thing, as its owner finds it."""
        return self.owner.client.get(path)


@pytest.fixture(scope="module", autouse=True)
def _stock(cast):
    """There is something of everybody's that could be shown to others."""
    for recipe in RECIPES.values():
        for letter in "AB" if recipe.thing and recipe.has else "":
            recipe.thing(cast, cast[f"{recipe.has} {letter}"])


@pytest.fixture
def cell(cast, request):
    rule, name, whose = (request.getfixturevalue(n) for n in ("rule", "name", "whose"))
    recipe, person = recipe_of(rule.route), cast[name]
    if not recipe.survive:
        person = cast.another(person.role)
    owner = recipe.owner(cast, person)
    if whose == FOREIGN:
        owner = cast.other(owner, recipe.has or "customer")
    return Cell(cast, rule, person, owner)


@pytest.mark.parametrize(("rule", "name", "whose"), CELLS)
def test_everybody_may_what_the_document_says_and_no_more(cell, rule, name, whose):
    path = cell.path
    before = cell.seen(path)

    got = cell.ask(path)

    assert outcome(got.status) == cell.expected, got.raw
    if cell.expected:
        assert cell.seen(path).raw == before.raw or before.status >= 400
    if cell.rule.whose != ANYONES:
        shown = got.raw + str(got.headers).encode()
        told = [each for each in marks(cell) if each.encode() in shown]
        assert not [each for each in told if each not in path]


def outcome(status: int) -> int | None:
    """None where the request was let through; it may still conflict with another."""
    return None if status < 300 or status == 409 else status


def marks(cell: Cell) -> list[str]:
    """What only another person is known by."""
    others = [each for each in cell.cast.known.values() if each is not cell.person]
    known = [(each.id, each.email, *each.things) for each in others]
    return [mark for each in known for mark in each if mark]


STRANGE = [
    rule
    for rule in RULES
    if rule.whose != ANYONES
    and recipe_of(rule.route).thing
    and not recipe_of(rule.route).lies_beside
]


@pytest.mark.parametrize("rule", STRANGE, ids=lambda rule: rule.route)
def test_what_is_anothers_is_told_as_what_is_not_there(cast, rule):
    recipe = recipe_of(rule.route)
    owner = cast[f"{recipe.has or 'customer'} A"]
    person = cast.other(owner, str(owner.role))
    theirs = Cell(cast, rule, person, owner)

    told = theirs.ask(theirs.path)
    expected = theirs.ask(theirs.path_to(new_id()))

    assert told.status == expected.status == 404
    assert without(told.body) == without(expected.body)


def without(body):
    return {name: said for name, said in body.items() if name not in OF_THE_ANSWER}


def test_every_recipe_is_for_a_route():
    assert RECIPES.keys() <= {rule.route for rule in RULES}


def test_nobody_is_somebody_on_open_routes_alone(cast):
    assert cast[NOBODY].id == ""
    assert replace(PLAIN, has="seller").owner(cast, cast[NOBODY]) is cast["seller A"]
