"""What an operator writes is taken over once, or refused once."""

import logging

import eventlet
import pytest
from nameko import config

from common import json
from common.live import Watcher, found_in


class Settings:
    def __init__(self):
        self.heard = []
        self.watcher = Watcher()
        self.watcher.follow("rate-limits/", self.change)

    def change(self, name, value):
        if name == "reset":
            raise ValueError("not this one")
        self.heard.append((name, value and value["quota"]))


@pytest.fixture
def settings():
    return Settings()


def limits(**quotas):
    return {
        f"rate-limits/{name}": f'{{"quota": {quota}, "seconds": 60}}'
        for name, quota in quotas.items()
    }


def test_each_key_is_heard_of_when_it_comes_changes_and_goes(settings):
    for found in (
        limits(browse=1),
        limits(browse=1, write=2),
        limits(browse=3, write=2),
        {},
    ):
        settings.watcher.compare(found)

    assert settings.heard == [
        ("browse", 1),
        ("write", 2),
        ("browse", 3),
        ("browse", None),
        ("write", None),
    ]


@pytest.mark.parametrize("wrong", ['{"quota": 0, "seconds": 60}', "{", "", "null"])
def test_a_bad_value_is_one_line_in_the_log(settings, caplog, wrong):
    caplog.set_level(logging.WARNING)
    settings.watcher.compare(limits(browse=1))

    for other in (2, 3):
        bad = {"rate-limits/browse": wrong}
        settings.watcher.compare(limits(write=other) | bad)

    assert settings.heard == [("browse", 1), ("write", 2), ("write", 3)]
    (line,) = caplog.messages
    assert line.startswith("shopnow/rate-limits/browse is not taken over")


def test_a_key_that_is_none_of_ours_is_told_by_whom_it_may_be_meant(settings, caplog):
    settings.watcher.compare({"rate-limits/brows": "1", "rate-limit/browse": "1"})

    assert settings.heard == []
    first, second = caplog.messages
    assert "there is no setting rate-limit/browse" in first
    assert "did you mean 'browse'?" in second


def test_one_that_is_refused_does_not_keep_others_from_being_heard(settings):
    settings.watcher.compare(limits(reset=1, write=2))

    assert settings.heard == [("write", 2)]


def test_what_a_follower_does_wrong_hurts_nobody_else(settings):
    def stumble(name, value):
        raise KeyError(name)

    settings.watcher.follow("maintenance", stumble)
    settings.watcher.compare({"maintenance": "all"} | limits(write=2))

    assert settings.heard == [("write", 2)]
    assert settings.watcher.refused == {"maintenance": "KeyError"}


def test_a_single_key_is_no_folder(settings):
    heard = []
    settings.watcher.follow("deadlines/read", lambda *told: heard.append(told))

    settings.watcher.compare({"deadlines/read": "0.5", "deadlines/write": "1"})

    assert heard == [("", 0.5)]


@pytest.mark.parametrize(
    ("environment", "taken"),
    [("local", True), ("staging", True), ("production", False)],
)
def test_faults_are_for_environments_where_nobody_buys(
    settings, caplog, environment, taken
):
    heard = []
    settings.watcher.follow("chaos/", lambda *told: heard.append(told))

    with config.patch({"ENVIRONMENT": environment}):
        settings.watcher.compare({"chaos/mail": "unreachable"})

    assert heard == [("mail", "unreachable")] * taken
    assert ("not taken over" in caplog.text) is not taken


def test_the_page_tells_what_is_known_and_what_was_refused(settings):
    settings.watcher.compare(limits(write=2, reset=1))

    told = json.loads(settings.watcher.page().body)

    assert told["settings"] == limits(write=2, reset=1)
    assert told["refused"] == {"rate-limits/reset": "not this one"}


@pytest.mark.parametrize("wrong", ["shopnow/rate-limits/", "rate-limits", "limits/"])
def test_nobody_follows_what_can_not_be_set(settings, wrong):
    with pytest.raises(ValueError, match="there is no"):
        settings.watcher.follow(wrong, settings.change)


def test_folders_are_no_keys():
    entries = [
        {"Key": "shopnow/rate-limits/", "Value": None},
        {"Key": "shopnow/rate-limits/a", "Value": b"1"},
        {"Key": "shopnow/rate-limits/b", "Value": None},
    ]

    assert found_in(entries) == {"rate-limits/a": "1", "rate-limits/b": ""}


def test_what_is_cut_short_is_told_again(settings):
    """A gateway that has no broker yet cannot take anything over."""
    told, settings.change = settings.change, None

    def wait(name, value):
        raise eventlet.Timeout(None)

    settings.watcher.followers = [("rate-limits/", wait)]
    with pytest.raises(eventlet.Timeout):
        settings.watcher.compare(limits(browse=1, write=2))
    settings.watcher.followers = [("rate-limits/", told)]
    settings.watcher.compare(limits(browse=1, write=2))

    assert settings.heard == [("browse", 1), ("write", 2)]
