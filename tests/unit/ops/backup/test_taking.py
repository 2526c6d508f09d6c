"""A copy is used as it was written, or not at all."""

from datetime import datetime
from threading import Event
from types import SimpleNamespace

import pytest
from bson import Timestamp

from ops.backup import command, oplog, others, taking
from ops.backup.places import Places
from ops.dr.waiting import until
from ops.errors import Problem

FIRST, LAST = "2026-11-22T12:00:00+00:00", "2026-11-22T13:00:00+00:00"


@pytest.fixture
def copy(tmp_path):
    (tmp_path / "mongo").mkdir()
    for name in ("mongo/products.bson", others.BROKER, others.CONSUL, oplog.FILE):
        (tmp_path / name).write_text("as it was")
    taking.write_manifest(tmp_path, {"covers_from": FIRST, "covers_to": LAST})
    return tmp_path


def test_a_copy_as_it_was_written_is_taken(copy):
    assert taking.check(copy)["covers_to"] == LAST


def test_a_file_that_has_changed_is_refused(copy):
    (copy / "mongo/products.bson").write_text("as it is")
    with pytest.raises(Problem, match=r"products\.bson is not what was written"):
        taking.check(copy)


@pytest.mark.parametrize("name", [oplog.FILE, others.CONSUL, "mongo/products.bson"])
def test_a_file_that_is_gone_is_missed(copy, name):
    (copy / name).unlink()
    with pytest.raises(Problem, match=f"{name} is not there"):
        taking.check(copy)


def test_changes_that_were_cut_short_are_refused(copy):
    (copy / oplog.FILE).write_text("as it")
    with pytest.raises(Problem, match=r"oplog\.bson is not what was written"):
        taking.check(copy)


def test_changes_that_go_on_are_not_of_a_sum(copy):
    taking.write_manifest(copy, {"covers_from": FIRST})
    (copy / oplog.FILE).write_text("as it was, and more")
    assert taking.check(copy)["covers_from"] == FIRST


def test_what_was_never_finished_is_refused(copy):
    (copy / taking.MANIFEST).unlink()
    with pytest.raises(Problem, match="no complete backup"):
        taking.check(copy)


@pytest.mark.parametrize("moment", ["2026-11-22T11:59:59", "2026-11-22T13:00:01"])
def test_a_moment_that_is_not_covered_is_refused(copy, moment):
    with pytest.raises(Problem, match="the copy covers moments from"):
        command.demand_covered(command.moment_of(moment), taking.check(copy))


def test_a_moment_without_a_zone_is_in_utc():
    assert command.moment_of("2026-11-22T12:00:00") == datetime.fromisoformat(FIRST)


def test_what_is_no_moment_is_told_so():
    with pytest.raises(Problem, match="ISO 8601"):
        command.moment_of("yesterday")


class Shop:
    """Its servers, as much as a copy asks of them."""

    def __init__(self, trouble: str = "") -> None:
        self.trouble, self.followed = trouble, Event()

    def follow(self, uri, database, since, target, ended) -> int:
        self.followed.set()
        if self.trouble:
            raise Problem(self.trouble)
        (target / oplog.FILE).write_text("since then")
        until(ended, "nobody has ended it", 10)
        return 7

    def dump(self, uri, name, target) -> None:
        assert self.followed.wait(10), "what changes meanwhile is lost"
        (target / "mongo").mkdir()


@pytest.fixture
def copying(monkeypatch, tmp_path):
    def copy(shop: Shop) -> dict:
        monkeypatch.setattr(taking.oplog, "now", lambda uri: Timestamp(1, 1))
        monkeypatch.setattr(taking.oplog, "follow", shop.follow)
        monkeypatch.setattr(taking.dump, "dump", shop.dump)
        for name in ("base_backup", "mark", "await_log"):
            monkeypatch.setattr(taking.postgres, name, lambda *_: None)
        for name, file in (
            ("keep_definitions", others.BROKER),
            ("keep_settings", others.CONSUL),
        ):
            keep = lambda *_, file=file: (tmp_path / file).touch()  # noqa: E731
            monkeypatch.setattr(taking.others, name, keep)
        log = SimpleNamespace(alive=True)
        taking.copy(Places(*["unused"] * 6), tmp_path, Event(), False, log)
        return taking.check(tmp_path)

    return copy


def test_changes_are_followed_before_the_documents_are_read(copying):
    assert copying(Shop())["mongo_changes"] == 7


def test_a_copy_whose_changes_cannot_be_followed_is_none(copying):
    with pytest.raises(Problem, match="does not go back"):
        copying(Shop("the oplog does not go back"))
