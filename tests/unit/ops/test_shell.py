import pytest

from common.errors import NotFound
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


def test_code_that_is_given_shows_its_values_and_nothing_else(capsys):
    shell.perform("a = 6\nfor b in (7,):\n    print(b)\na * b; None", {})

    assert capsys.readouterr() == ("7\n42\n", "")


def test_what_a_service_refuses_is_one_line():
    def refuse():
        raise NotFound("product_not_found", "There is no product x")

    said = r"^NotFound \(product_not_found\): There is no product x$"
    with pytest.raises(Problem, match=said):
        shell.perform("refuse()", {"refuse": refuse})


@pytest.mark.parametrize("code", ["1 / 0", "1 +"])
def test_code_that_fails_shows_where(code, capsys):
    with pytest.raises(SystemExit) as ended:
        shell.perform(code, {})

    shown = capsys.readouterr().err
    assert ended.value.code == 1
    assert 'File "-c", line 1' in shown
    assert "shell.py" not in shown
