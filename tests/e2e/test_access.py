"""Every route, tried by everybody, on their own things and on others'.

What is expected comes from ``docs/access.md``, and nothing of it from the code.
"""

from dataclasses import replace

import pytest

from common.ids import new_id
from tests.access import RULES
from tests.cast import NOBODY, ROLES
from tests.e2e.recipes import PLAIN, RECIPES, recipe_of
from tests.e2e.using import ANYONES, BOUGHT, Use

OWN, FOREIGN = "own", "foreign"
OF_THE_ANSWER = ("instance", "request_id", "detail")
CELLS = [
    pytest.param(rule, name, whose, id=f"{rule.route} as {name}, {whose}")
    for rule in RULES
    for name in ROLES
    for whose in (OWN, FOREIGN)
]


def expected(use: Use) -> int | None:
    """None where all shall be well."""
    rule, role = use.rule, use.person.role
    if role is None and not rule.is_for_strangers:
        return 401
    if role and rule.roles and role not in rule.roles:
        return 403
    if use.recipe.absent:
        return 404
    strange = use.recipe.thing and not use.recipe.lies_beside
    if not use.sees_all and strange and use.owner is not use.person:
        return 403 if rule.whose == BOUGHT else 404
    return None


@pytest.fixture(scope="module", autouse=True)
def _stock(cast):
    """There is something of everybody's that could be shown to others."""
    for recipe in RECIPES.values():
        for letter in "AB" if recipe.thing and recipe.has else "":
            recipe.thing(cast, cast[f"{recipe.has} {letter}"])


@pytest.fixture
def use(cast, request):
    rule, name, whose = (request.getfixturevalue(n) for n in ("rule", "name", "whose"))
    recipe, person = recipe_of(rule.route), cast[name]
    if not recipe.survive:
        person = cast.another(person.role)
    owner = recipe.owner(cast, person)
    if whose == FOREIGN:
        owner = cast.other(owner, recipe.has or "customer")
    return Use(cast, rule, person, owner)


@pytest.mark.parametrize(("rule", "name", "whose"), CELLS)
def test_everybody_may_what_the_document_says_and_no_more(use, rule, name, whose):
    before = use.seen(use.path)

    got = use.ask(use.body)

    assert outcome(got.status) == expected(use), got.raw
    if expected(use):
        assert use.seen(use.path).raw == before.raw or before.status >= 400
    if not use.sees_all:
        shown = got.raw + str(got.headers).encode()
        told = [each for each in marks(use) if each.encode() in shown]
        assert not [each for each in told if each not in use.path]


def outcome(status: int) -> int | None:
    """None where the request was let through; it may still conflict with another."""
    return None if status < 300 or status == 409 else status


def marks(use: Use) -> list[str]:
    """What only another person is known by."""
    others = [each for each in use.cast.known.values() if each is not use.person]
    known = [(each.id, each.email, *each.things) for each in others]
    return [mark for each in known for mark in each if mark]


STRANGE = [
    rule
    for rule in RULES
    if rule.whose not in (ANYONES, BOUGHT)
    and recipe_of(rule.route).thing
    and not recipe_of(rule.route).lies_beside
]


@pytest.mark.parametrize("rule", STRANGE, ids=lambda rule: rule.route)
def test_what_is_anothers_is_told_as_what_is_not_there(cast, rule):
    recipe = recipe_of(rule.route)
    owner = cast[f"{recipe.has or 'customer'} A"]
    person = cast.other(owner, str(owner.role))
    theirs = Use(cast, rule, person, owner)

    told = theirs.ask(theirs.body)
    not_there = theirs.ask(theirs.body, theirs.path_to(new_id()))

    assert told.status == not_there.status == 404
    assert without(told.body) == without(not_there.body)


def without(body):
    return {name: said for name, said in body.items() if name not in OF_THE_ANSWER}


def test_every_recipe_is_for_a_route():
    assert RECIPES.keys() <= {rule.route for rule in RULES}


def test_nobody_is_somebody_on_open_routes_alone(cast):
    assert cast[NOBODY].id == ""
    assert replace(PLAIN, has="seller").owner(cast, cast[NOBODY]) is cast["seller A"]
