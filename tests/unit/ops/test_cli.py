"""What an operator reads when what a command needs is away."""

from click.testing import CliRunner

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
