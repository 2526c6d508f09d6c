import pytest

from ops.doctor import installation
from ops.stack import debian
from ops.stack.servers import Redis
from tests.unit.ops.doctor.conftest import bad, only


def test_what_is_installed_here_is_fine(case_of):
    for look in (installation.system, installation.python):
        assert bad(look(case_of())) == []


def test_a_package_that_is_missing_is_a_problem(case_of, monkeypatch):
    monkeypatch.setattr(installation, "read_lock", lambda: "no-such-thing==1.0 \\\n")
    standing, told, remedy = only(installation.packages(case_of()))
    assert (standing, told) == ("problem", "no-such-thing is missing")
    assert remedy == "rm -f .venv/bootstrapped; make bootstrap"


def test_a_package_of_another_version_is_a_warning(case_of, monkeypatch):
    lock = "click==0.1 \\\n    --hash=x\nwin-thing==1 ; sys_platform == 'win32' \\\n"
    monkeypatch.setattr(installation, "read_lock", lambda: lock)
    standing, told, _ = only(installation.packages(case_of()))
    assert (standing, told) == (
        "warning",
        "click is not as pinned in requirements.lock",
    )


@pytest.mark.parametrize(
    ("rights", "standing", "remedy"),
    [
        ([], "warning", "shopnow stack install"),
        (None, "problem", "su -c 'apt-get install redis-server'"),
    ],
)
def test_a_server_that_is_not_installed(case_of, monkeypatch, rights, standing, remedy):
    lacks = lambda self: ["redis-server"]  # noqa: E731
    monkeypatch.setattr(Redis, "missing_packages", lacks)
    monkeypatch.setattr(debian, "privilege", lambda: rights)
    assert only(installation.programs(case_of()))[::2] == (standing, remedy)
