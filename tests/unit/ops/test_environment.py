import os

import pytest

from ops import environment
from ops.errors import Problem


def test_what_is_set_stays(tmp_path, monkeypatch):
    (tmp_path / "env").write_text(
        "REDIS_URI='redis://:a=b@h/0?c&d'\nCONSUL_URI=http://c\n"
    )
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("CONSUL_URI", "http://mine")
    monkeypatch.delenv("REDIS_URI", raising=False)
    environment.load()
    assert os.environ["REDIS_URI"] == "redis://:a=b@h/0?c&d"
    assert os.environ["CONSUL_URI"] == "http://mine"


def test_no_stack_is_no_trouble(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    environment.load()


def test_what_is_needed_is_asked_for_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.delenv("ORDER_DB_URI", raising=False)
    with pytest.raises(Problem, match=r"ORDER_DB_URI is not set .* make start"):
        environment.load("ORDER_DB_URI")
