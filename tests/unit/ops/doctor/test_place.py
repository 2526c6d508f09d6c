import json
import os

import pytest

from ops.doctor import place as checks
from tests.unit.ops.doctor.conftest import bad, only


def test_an_empty_run_directory_is_fine(case_of):
    case = case_of()
    for check in checks.CHECKS:
        assert bad(check.look(case)) == []


def test_a_setting_that_is_wrong(case_of):
    _, told, remedy = only(checks.settings(case_of(MONGO_PORT="many")))
    assert told == "MONGO_PORT is 'many'; it must be a number from 1 to 65535"
    assert remedy == "unset MONGO_PORT"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("state.json", "{"),
        ("state.json", '{"unknown": 1}'),
        ("env", "AMQP_URI='amqp"),
        ("env", "AMQP_URI"),
        ("secrets.json", ""),
    ],
)
def test_a_file_that_cannot_be_read(case_of, write, name, text):
    write(name, text)
    standing, told, remedy = only(checks.contents(case_of()))
    assert standing == "problem"
    assert told.startswith(f"{name} cannot be read")
    assert remedy


def test_a_secret_that_others_may_read(case_of, write, place):
    write("secrets.json", "{}")
    (place / "secrets.json").chmod(0o644)
    _, told, remedy = only(checks.secrecy(case_of()))
    assert told == "others may read secrets.json"
    assert remedy == f"chmod 600 {place}/secrets.json"


def test_what_a_run_as_root_has_left(case_of, write, place, monkeypatch):
    write("state.json", json.dumps({}))
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    _, told, remedy = only(checks.owners(case_of()))
    assert told == "1 files are not 12345's: state.json …"
    assert remedy == f"sudo chown -R 12345 {place}"
