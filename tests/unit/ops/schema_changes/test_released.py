"""What has run in production is neither changed nor checked again."""

from click.testing import CliRunner

from ops import migrate
from ops.cli import main
from ops.schema_changes import released
from ops.schema_changes.command import findings
from ops.schema_changes.revisions import FOLDERS, Revision, revisions

DROP = "DROP TABLE orders;"


def test_what_is_written_now_may_run():
    done = CliRunner().invoke(main, ["migrations", "lint"])

    assert done.exit_code == 0, done.output


def test_every_database_is_looked_at():
    found = {name: each.versions for name, each in migrate.DATABASES.items()}

    assert found == FOLDERS


def test_every_first_migration_is_found():
    assert {f"{name}/0001" for name in FOLDERS} <= {each.name for each in revisions()}


def test_the_baseline_is_not_judged():
    assert findings([Revision("orders/0001", DROP, "a")], {"orders/0001": "a"}) == []


def test_a_released_migration_that_changes_is_refused():
    [found] = findings([Revision("orders/0001", "", "b")], {"orders/0001": "a"})

    assert found.rule == "released-changed"


def test_a_released_migration_that_is_gone_is_refused():
    [found] = findings([], {"orders/0001": "a"})

    assert found.rule == "released-removed"


def test_what_is_new_is_judged():
    [found] = findings([Revision("orders/0001", DROP, "a")], {})

    assert found.rule == "ban-drop-table"


def test_releasing_makes_the_baseline(tmp_path, monkeypatch):
    monkeypatch.setattr(released, "FILE", tmp_path / "released.json")

    released.write([Revision("orders/0001", "", "a")])

    assert released.released() == {"orders/0001": "a"}
