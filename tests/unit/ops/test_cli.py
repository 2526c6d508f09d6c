"""What an operator reads when what a command needs is away."""

from click.testing import CliRunner
from pymongo.errors import ServerSelectionTimeoutError

from ops.cli import main

NOBODY = "postgresql://somebody:secret@127.0.0.1:1/accounts"


def test_a_database_that_is_away_is_told_in_a_line(monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("AUTH_DB_URI", NOBODY)

    said = CliRunner().invoke(main, ["grant", "ada@example.com", "admin"])

    assert said.exit_code == 1
    assert "Connection refused" in said.output
    assert "make start" in said.output
    assert "Traceback" not in said.output
    assert "secret" not in said.output


def test_a_catalogue_that_is_away_is_told_without_all_that_the_driver_knows(
    monkeypatch,
):
    def look(context, **_):
        raise ServerSelectionTimeoutError(
            "127.0.0.1:1: refused (configured timeouts: 20 s), Topology Description: x"
        )

    monkeypatch.setattr(main.get_command(None, "audit"), "invoke", look)

    said = CliRunner().invoke(main, ["audit"])

    assert said.output.startswith("Error: 127.0.0.1:1: refused; does it run?")


def test_a_misspelt_command_is_told_the_one_that_was_meant():
    said = CliRunner().invoke(main, ["docter"])

    assert said.exit_code == 2
    assert "No such command 'docter'. Did you mean doctor?" in said.output
