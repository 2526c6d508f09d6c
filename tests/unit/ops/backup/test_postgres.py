"""What is restored is a shop of its own."""

import pytest

from ops.backup import postgres

MOMENT = "2026-11-22T12:00:00+00:00"


@pytest.fixture
def restored(tmp_path):
    """Of a primary of two regions, which waits for the other one's replica."""
    base = tmp_path / "copy" / postgres.BASE
    base.mkdir(parents=True)
    (tmp_path / "copy" / postgres.LOG).mkdir()
    (base / "standby.signal").touch()
    settings = "primary_conninfo = 'host=b'\nsynchronous_standby_names = 'region-b'\n"
    (base / "postgresql.auto.conf").write_text(settings)
    data = tmp_path / "data"
    postgres.lay_out(tmp_path / "copy", data, tmp_path / "log", MOMENT)
    return data


def settings_of(data):
    """As PostgreSQL reads them: the last line of a name counts."""
    lines = (data / "postgresql.auto.conf").read_text().splitlines()
    pairs = [line.split(" = ", 1) for line in lines if " = " in line]
    return {name: value.strip("'") for name, value in pairs}


def test_it_goes_on_to_the_moment_and_takes_writes_then(restored):
    assert settings_of(restored)["recovery_target_time"] == MOMENT
    assert settings_of(restored)["recovery_target_action"] == "promote"
    assert (restored / "recovery.signal").exists()


def test_it_is_not_the_replica_that_its_primary_was_to_be(restored):
    assert not (restored / "standby.signal").exists()


def test_it_follows_nobody_and_waits_for_nobody(restored):
    told = settings_of(restored)
    assert told["primary_conninfo"] == told["synchronous_standby_names"] == ""


SERVER = "postgresql://admin:it%27s@db:5433/postgres?sslmode=verify-full"


@pytest.fixture
def ran(monkeypatch):
    """What is run: its words, and what it is told beside them."""
    ran = []
    monkeypatch.setattr(postgres, "program", lambda name: name)
    run = lambda words, told: ran.append((words, told))  # noqa: E731
    monkeypatch.setattr(postgres.programs, "run", run)
    return ran


def test_no_command_line_has_the_password(ran, tmp_path):
    postgres.base_backup(SERVER, tmp_path)
    log = postgres.receive_log(SERVER, tmp_path)
    ran.append((log.argv, log.environment))
    for words, told in ran:
        assert words[-1] == "user=admin host=db port=5433 sslmode=verify-full"
        assert told["PGPASSWORD"] == "it's"
