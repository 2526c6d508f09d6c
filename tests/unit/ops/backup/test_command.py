"""A restore touches nothing that runs."""

import hashlib
import json
import os
import shlex
import socket
import subprocess

import pytest
from click.testing import CliRunner

from ops.backup import oplog
from ops.backup.command import SERVERS, restore, start_of
from ops.backup.taking import MANIFEST

MOMENT = "2026-11-22T20:30:00+00:00"
SUMS = {oplog.FILE: hashlib.sha256().hexdigest()}


@pytest.fixture
def copy(tmp_path):
    source = tmp_path / "copy"
    source.mkdir()
    manifest = {"covers_from": MOMENT, "covers_to": MOMENT, "sha256": SUMS}
    (source / oplog.FILE).touch()
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

    # The first that is looked at: the others may be those of a stack that runs here.
    told = CliRunner(env={"GATEWAY_PORT": str(taken)}).invoke(restore, words)

    assert told.exit_code == 1
    assert f"port {taken} (gateway) is in use" in told.output
    assert not new.exists()


@pytest.mark.parametrize("name", ["CONSUL_URI", "ORDER_DB_URI", "PRODUCT_MONGO_URI"])
def test_a_live_server_is_not_taken_for_one_of_its_own(copy, tmp_path, name):
    new = tmp_path / "new"
    words = [str(copy), str(new), "--to", MOMENT]

    told = CliRunner(env={name: "http://live"}).invoke(restore, words)

    assert told.exit_code == 1
    assert f"{name}: a restore has servers of its own" in told.output
    assert not new.exists()


def test_the_shop_that_was_restored_is_started_on_its_own_servers(tmp_path):
    words = shlex.split(start_of(tmp_path))[:-3]
    live = os.environ | dict.fromkeys(SERVERS, "live")
    done = subprocess.run([*words, "env"], check=True, env=live, capture_output=True)
    assert f"SHOPNOW_RUN_DIR={tmp_path}" in done.stdout.decode()
    assert "=live" not in done.stdout.decode()


def test_a_copying_that_was_killed_before_the_moment_is_not_enough(copy, tmp_path):
    manifest = {"covers_from": MOMENT, "sha256": {}}
    (copy / MANIFEST).write_text(json.dumps(manifest))
    words = [str(copy), str(tmp_path / "new"), "--to", MOMENT]
    told = CliRunner().invoke(restore, words)
    assert "oplog.bson ends at before its first change" in told.output
