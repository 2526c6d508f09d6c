"""The data of a region that has come back become the other's, and its settings stay."""

import sys
from pathlib import Path

import pytest

from ops.dr.regions import Region
from ops.dr.returned import Returned
from ops.errors import Problem
from ops.stack import programs

LEADER = "postgresql://admin:it%27s@b/postgres"
B = Region("region-b", LEADER, "host=b password=it's", *["unused"] * 6)


class Programs:
    """pg_rewind as it treats files; pg_ctl, whose server runs or not."""

    def __init__(self, data: Path) -> None:
        self.data, self.runs, self.fails = data, True, False
        self.ran: list[str] = []

    def run(self, words, cwd=None, user=None, told=None):
        assert "it's" not in " ".join(map(str, words))
        name, verb = Path(words[0]).name, str(words[1])
        self.ran.append(f"{name} {verb}" if name == "pg_ctl" else name)
        if name == "pg_rewind":
            assert not self.runs
            assert told == {"PGPASSWORD": "it's"}
            self.said = words[-1]
            (self.data / "postgresql.conf").write_text("port = 2")
            (self.data / "postmaster.opts").unlink(missing_ok=True)
            (self.data / "standby.signal").unlink(missing_ok=True)
        if self.fails or (verb == "status" and not self.runs):
            raise Problem(f"{name} failed")
        self.runs = self.runs if verb == "status" else verb == "restart"


@pytest.fixture
def data(tmp_path):
    place = tmp_path / "data"
    (place / "global").mkdir(parents=True)
    (place / "PG_VERSION").write_text("15\n")
    (place / "postgresql.conf").write_text("port = 1")
    (place / "postgresql.auto.conf").write_text("primary_slot_name = 'old'\n")
    (place / "postmaster.opts").write_text('postgres "--port=1"')
    return place


@pytest.fixture
def ran(data, monkeypatch):
    kept = Programs(data)
    monkeypatch.setattr(programs, "run", kept.run)
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    return kept


def test_a_folder_that_is_not_postgresqls_is_refused(tmp_path):
    with pytest.raises(Problem, match="is not PostgreSQL's data"):
        Returned(tmp_path)


def test_its_settings_stay_its_own(data, ran):
    server = Returned(data)
    server.stop()
    server.rewind(B, "region-a")
    assert (data / "postgresql.conf").read_text() == "port = 1"
    assert (data / "postmaster.opts").read_text() == 'postgres "--port=1"'


def test_the_password_of_the_leader_is_in_no_command_line(data, ran):
    server = Returned(data)
    server.stop()
    server.rewind(B, "region-a")
    assert "user=admin dbname=postgres host=b" in ran.said


def test_it_is_fenced_and_follows_whom_it_was_rewound_to(data, ran):
    server = Returned(data)
    server.stop()
    server.rewind(B, "region-a")
    last = (data / "postgresql.auto.conf").read_text().splitlines()[-2:]
    words = "host=b password=it''s application_name=region-a"
    assert last == [f"primary_conninfo = '{words}'", "primary_slot_name = 'region_a'"]
    assert (data / "standby.signal").exists()


def test_who_goes_on_after_half_a_rewind_still_has_its_settings(data, ran):
    server = Returned(data)
    server.stop()
    ran.fails = True
    with pytest.raises(Problem):
        server.rewind(B, "region-a")
    ran.fails = False

    again = Returned(data)
    assert again.is_half_way
    again.rewind(B, "region-a")
    assert not again.is_half_way
    assert (data / "postgresql.conf").read_text() == "port = 1"


def test_what_is_rewound_is_not_rewound_again(data, ran, monkeypatch):
    server = Returned(data)
    server.stop()
    with monkeypatch.context() as killed:
        killed.setattr(server, "put_back_own", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            server.rewind(B, "region-a")

    Returned(data).rewind(B, "region-a")
    assert ran.ran.count("pg_rewind") == 1
    assert (data / "postgresql.conf").read_text() == "port = 1"
    assert not (data / "rewound").exists()


def test_what_runs_is_not_started_and_what_is_stopped_not_stopped(data, ran):
    server = Returned(data)
    server.start()
    server.stop()
    server.stop()
    started = [each for each in ran.ran if each != "pg_ctl status"]
    assert started == ["pg_ctl stop"]


def test_somebody_else_may_look_after_it(data, ran):
    server = Returned(data, "systemctl stop postgresql", "systemctl start postgresql")
    server.stop()
    server.start()
    assert ran.ran == ["systemctl", "systemctl"]


def test_it_tells_of_which_server_it_is_a_copy(data):
    (data / "global/pg_control").write_bytes(
        (7_300).to_bytes(8, sys.byteorder) + b"more"
    )
    assert Returned(data).identity == "7300"
