"""A restore touches nothing that runs."""

import json
import socket

import pytest
from click.testing import CliRunner

from ops.backup.command import restore
from ops.backup.taking import MANIFEST

MOMENT = "2026-11-22T20:30:00+00:00"


@pytest.fixture
def copy(tmp_path):
    source = tmp_path / "copy"
    source.mkdir()
    manifest = {"covers_from": MOMENT, "covers_to": MOMENT, "sha256": {}}
    (source / MANIFEST).write_text(json.dumps(manifest))
    return source


@pytest.fixture
def taken():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_server_on_one_of_its_ports_is_left_alone(copy, taken, tmp_path):
    new = tmp_path / "new"
    words = [str(copy), str(new), "--to", MOMENT]

    told = CliRunner(env={"POSTGRES_PORT": str(taken)}).invoke(restore, words)

    assert told.exit_code == 1
    assert f"port {taken} (postgres) is in use" in told.output
    assert not new.exists()
