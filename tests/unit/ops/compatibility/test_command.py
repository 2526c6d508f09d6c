"""The working tree is compared with a commit, and what was agreed on is let through."""

import json
import subprocess

import pytest
from click.testing import CliRunner

from ops.cli import main
from ops.compatibility import command, releases
from ops.compatibility.tree import Commit, Here
from ops.errors import Problem

CONTRACT = "gateway/openapi.json"
GET = {"get": {"operationId": "read", "responses": {}}}


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A repository whose main has one operation."""
    for folder in ("gateway", "docs/events", "ops/migrations"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "docs/accepted-breaks.txt").write_text("# none\n")
    write(tmp_path, {"/v1/things": GET})
    for words in (
        ["init", "--quiet", "--initial-branch=main"],
        ["add", "."],
        ["-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "A"],
    ):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)  # noqa: S607
    accepted = tmp_path / "docs/accepted-breaks.txt"
    monkeypatch.setattr(command, "ACCEPTED", accepted)
    monkeypatch.setattr(command, "Commit", lambda name: Commit(name, tmp_path))
    monkeypatch.setattr(command, "Here", lambda: Here(tmp_path))
    return tmp_path


def write(root, paths):
    (root / CONTRACT).write_text(json.dumps({"paths": paths}))


def compatibility(*words):
    return CliRunner().invoke(main, ["compatibility", *words])


def test_what_has_not_changed_is_compatible(here):
    done = compatibility()

    assert (done.exit_code, "compatible with main" in done.output) == (0, True)


def test_a_break_is_refused(here):
    write(here, {})

    done = compatibility()

    assert done.exit_code == 1
    assert "GET /v1/things: is gone" in done.output


def test_a_break_that_was_agreed_on_is_let_through_and_told(here):
    write(here, {})
    said = "GET /v1/things: is gone, and was not deprecated before"
    (here / "docs/accepted-breaks.txt").write_text(f"{said}  # nobody used it\n")

    done = compatibility()

    assert done.exit_code == 0
    assert f"accepted: {said}" in done.output


def test_a_commit_that_is_not_there_is_told(here):
    with pytest.raises(Problem, match="git knows no nothing"):
        Commit("nothing", here)


def test_a_file_that_a_commit_lacks_is_empty(here):
    assert Commit("main", here).read("none.json") == {}


def test_what_is_not_merged_is_not_released():
    files = ["order_service/storage/migrations/orders/0001_first_tables.py"]
    after = {"orders/0001": "a", "orders/0002": "b"}

    assert list(releases.breaks({}, after, files)) == [
        "orders/0002: is called released, and not even merged"
    ]
