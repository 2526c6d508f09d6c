import pytest

from ops import shell
from ops.errors import Problem

URI = "amqp://operator:secret@127.0.0.1:5690/shopnow"


def test_the_banner_keeps_the_password_to_itself():
    assert "127.0.0.1:5690/shopnow" in shell.banner(URI)
    assert "secret" not in shell.banner(URI)
    assert "operator" not in shell.banner(URI)


def test_without_a_broker_it_says_so_in_one_line():
    with pytest.raises(Problem, match=r"AMQP_URI: .* nothing runs here; make start"):
        shell.connect("amqp://operator:secret@127.0.0.1:1/shopnow")
