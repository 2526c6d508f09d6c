"""The operator hears under which keys people's data is."""

import pytest

from ops import reseal
from ops.errors import Problem
from ops.stack.secrets import fresh_key


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setenv("FIELD_KEYS", f"new:{fresh_key()},old:{fresh_key()}")


@pytest.fixture
def left(monkeypatch):
    """What a column is said to be under when all is done."""
    asked, found = [], []
    monkeypatch.setattr(reseal, "each_column", lambda work: work("engine", "column"))
    monkeypatch.setattr(reseal, "reseal", lambda *args: asked.append(args[-1]))
    monkeypatch.setattr(reseal, "told", lambda *_: found)
    return asked, found


def test_all_but_the_first_key_is_asked_for_and_what_is_clear(left, capsys):
    asked, found = left
    found.append("new")

    reseal.run()

    assert [set(key_ids) for key_ids in asked] == [{"old", ""}]
    assert "everything is under new" in capsys.readouterr().out


@pytest.mark.parametrize(("key_id", "name"), [("old", "old"), ("", "no key")])
def test_a_key_that_is_still_needed_is_named(left, key_id, name):
    left[1].extend(["new", key_id])

    with pytest.raises(Problem, match=f"still under {name}"):
        reseal.run()


def test_a_migration_seals_what_is_clear_and_nothing_else(left):
    reseal.seal_clear()

    assert left[0] == [[""]]
