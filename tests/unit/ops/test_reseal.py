"""The operator hears under which keys people's data is, and which are missing."""

import pytest

from common.sealing import Unopened
from ops import reseal
from ops.errors import Problem
from ops.reseal import Share
from ops.stack.secrets import fresh_key

NEW, OLD = f"new:{fresh_key()}", f"old:{fresh_key()}"


@pytest.fixture(autouse=True)
def told(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("FIELD_KEYS", f"{NEW},{OLD}")
    for name in reseal.PLACES:
        monkeypatch.setenv(name, f"postgresql://here/{name}")


@pytest.fixture
def left(monkeypatch):
    """What a column is said to be under when all is done."""
    asked, found = [], []
    monkeypatch.setattr(reseal, "each_column", lambda work: work("engine", "column"))
    monkeypatch.setattr(reseal, "reseal", lambda *args: asked.append(args[-1]))
    monkeypatch.setattr(reseal, "shares_of", lambda *_: found)
    return asked, found


def under(*key_ids):
    return [Share("table.column", key_id, 12) for key_id in key_ids]


def start_shop(tmp_path, keys, uri="postgresql://here/USER_DB_URI"):
    (tmp_path / "env").write_text(f"USER_DB_URI={uri}\nFIELD_KEYS={keys}\n")


def test_all_but_the_first_key_is_asked_for_and_what_is_clear(left):
    reseal.run()

    assert [set(key_ids) for key_ids in left[0]] == [{"old", ""}]


def test_other_keys_may_go_when_nobody_seals_under_them_any_more(left, capsys):
    left[1].extend(under("new"))

    reseal.run()

    assert capsys.readouterr().out.splitlines() == [
        "table.column: 12 under new",
        "everything is under new; "
        "other keys may go once every process has new in front",
    ]


@pytest.mark.parametrize(("key_id", "name"), [("old", "old"), ("", "no key")])
def test_a_key_that_is_still_needed_is_named(left, key_id, name):
    left[1].extend(under("new", key_id))

    with pytest.raises(Problem, match=f"still under {name}; run it again"):
        reseal.run()


@pytest.mark.parametrize("do", [reseal.run, reseal.seal_clear])
def test_a_key_that_is_missing_is_named(left, do):
    left[1].extend(under("new", "", "lost"))

    with pytest.raises(Problem) as problem:
        do()

    assert problem.value.message == (
        "table.column: 12 rows are under lost, which is not in FIELD_KEYS"
    )


def test_a_migration_seals_what_is_clear_and_nothing_else(left):
    left[1].extend(under("old", ""))

    reseal.seal_clear()

    assert left[0] == [[""]]


def test_a_migration_that_lacks_a_key_seals_nothing(left):
    left[1].extend(under("lost"))

    with pytest.raises(Problem):
        reseal.seal_clear()

    assert left[0] == []


def test_another_key_under_the_same_id_is_told(left, monkeypatch):
    def fail(*_):
        raise Unopened("table.column/7")

    monkeypatch.setattr(reseal, "reseal", fail)

    with pytest.raises(Problem, match=r"table.column/7 does not open"):
        reseal.run()


def test_keys_that_are_none_are_told_without_showing_them(left, monkeypatch):
    monkeypatch.setenv("FIELD_KEYS", f"{NEW},bogus")

    with pytest.raises(Problem, match="FIELD_KEYS: key 2 ") as problem:
        reseal.run()

    assert "bogus" not in problem.value.message


@pytest.mark.parametrize("keys", [OLD, f"new:{fresh_key()},{OLD}"])
def test_nothing_is_sealed_that_the_shop_here_cannot_open(left, tmp_path, keys):
    start_shop(tmp_path, keys)

    with pytest.raises(Problem, match="does not know new; tell it first"):
        reseal.run()

    assert left[0] == []


def test_a_shop_here_that_knows_the_key_is_no_hindrance(left, tmp_path):
    start_shop(tmp_path, f"{OLD},{NEW}")

    reseal.run()


def test_a_shop_elsewhere_has_keys_of_its_own(left, tmp_path):
    start_shop(tmp_path, OLD, uri="postgresql://elsewhere/USER_DB_URI")

    reseal.run()
