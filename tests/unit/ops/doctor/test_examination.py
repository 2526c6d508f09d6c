import json
from threading import Event

import pytest
from click import unstyle
from click.testing import CliRunner

from ops.cli import main
from ops.doctor import examination, report
from ops.doctor.examination import examine
from ops.doctor.finding import Check, Result, Standing, ok, problem, warning

FINE = Check("fine", lambda case: [ok("yes")])
BAD = Check("bad", lambda case: [ok("one"), problem("worn out", "shopnow migrate")])


def standings(results):
    return {each.check: [f.standing for f in each.findings] for each in results}


def plain(results):
    return [unstyle(line) for line in report.lines(results)]


def test_a_check_that_breaks_is_a_problem_and_stops_nobody(case_of):
    def broken(case):
        yield ok("so far")
        raise KeyError("no such thing")

    found = examine(case_of(), {"some": (Check("broken", broken), FINE)})

    assert standings(found) == {"broken": ["problem"], "fine": ["ok"]}
    assert "KeyError" in found[0].findings[0].told


def test_a_check_that_never_ends_is_a_problem(case_of, monkeypatch):
    monkeypatch.setattr(examination, "PATIENCE_SECONDS", 1.5)
    never, released = Check("never", lambda case: [ok(str(end.wait()))]), FINE
    end = Event()

    found = examine(case_of(), {"some": (never, released)})
    end.set()

    assert standings(found) == {"never": ["problem"], "fine": ["ok"]}


def test_what_needs_a_server_waits_until_that_has_answered(case_of, monkeypatch):
    asks = Check("asks", lambda case: [ok("asked")], ("REDIS_URI",))
    monkeypatch.setitem(examination.servers.BY_VARIABLE, "REDIS_URI", BAD)

    away = examine(case_of(variables={"REDIS_URI": "x"}), {"some": (BAD, asks)})
    absent = examine(case_of(variables={}), {"some": (asks,)})
    there = examine(case_of(variables={"REDIS_URI": "x"}), {"some": (asks,)})

    assert standings(away)["asks"] == ["left out"]
    assert standings(absent)["asks"] == ["left out"]
    assert standings(there)["asks"] == ["ok"]


def test_a_report_fits_a_terminal_and_a_command_is_on_one_line():
    long = "a word " * 40
    remedy = "sudo chown -R somebody /a/very/long/path/" + "x" * 80
    findings = (problem(long, remedy), warning(long, "make status"), ok("unseen"))
    lines = plain([Result("data", "it", findings)])

    assert f"      → {remedy}" in lines
    assert all(len(line) <= 80 for line in lines if "→" not in line)
    assert not any("unseen" in line for line in lines)
    assert lines[-1] == "1 problem, 1 warning, 0 checks are fine"


def test_what_is_left_out_is_told_in_one_line(case_of):
    checks = tuple(
        Check(name, lambda case: [ok("")], ("REDIS_URI",)) for name in ("a", "b")
    )
    lines = plain(examine(case_of(variables={}), {"data": checks}))

    assert lines[1] == "  -       left out       a, b: nothing runs here"


@pytest.fixture
def doctor(monkeypatch, place):
    """``doctor(check, …)``: the command with these checks."""
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(place))

    def run(*checks, options=()):
        monkeypatch.setattr(examination, "GROUPS", {"some": checks})
        return CliRunner().invoke(main, ["doctor", *options])

    return run


def test_the_exit_code_tells_problems_from_a_shop_that_does_not_run(doctor):
    assert doctor(BAD).exit_code == 1
    assert doctor(FINE).exit_code == 3
    assert doctor(FINE, options=["--loud"]).exit_code == 2


def test_as_json_it_tells_all(doctor):
    said = json.loads(doctor(BAD, FINE, options=["--json"]).output)

    assert (said["running"], said["problems"], said["warnings"]) == (False, 1, 0)
    assert [each["told"] for each in said["checks"]] == ["one", "worn out", "yes"]
    assert said["checks"][1]["remedy"].endswith("shopnow migrate")


def test_every_check_has_a_name_that_fits():
    names = [check.name for each in examination.GROUPS.values() for check in each]
    assert len(names) == len({*names})
    assert max(map(len, names)) <= report.NAME_WIDTH


def test_every_standing_has_a_mark():
    assert report.MARKS.keys() == {*Standing}
