"""What an operator writes is taken over once, or refused once."""

import logging

import pytest

from common.live import Live, found_in


class Settings(Live):
    folder = "shopnow/rate-limits/"

    def __init__(self):
        super().__init__()
        self.known, self.heard = {}, []

    def change(self, name, value):
        if value == 0:
            raise ValueError("not more than 0")
        self.heard.append((name, value))


@pytest.fixture
def settings():
    return Settings()


def test_each_key_is_heard_of_when_it_comes_changes_and_goes(settings):
    for found in ({"a": "1"}, {"a": "1", "b": "2"}, {"a": "3", "b": "2"}, {}):
        settings.compare(found)

    assert settings.heard == [("a", 1), ("b", 2), ("a", 3), ("a", None), ("b", None)]


@pytest.mark.parametrize("wrong", ["0", "{", ""])
def test_a_bad_value_is_one_line_in_the_log(settings, caplog, wrong):
    caplog.set_level(logging.WARNING)
    settings.compare({"a": "1"})

    for other in ("2", "3"):
        settings.compare({"a": wrong, "b": other})

    assert ("a", 1) in settings.heard
    (line,) = caplog.messages
    assert line.startswith("shopnow/rate-limits/a is not taken over")


def test_folders_are_no_keys():
    entries = [
        {"Key": "shopnow/rate-limits/", "Value": None},
        {"Key": "shopnow/rate-limits/a", "Value": b"1"},
        {"Key": "shopnow/rate-limits/b", "Value": None},
    ]

    assert found_in("shopnow/rate-limits/", entries) == {"a": "1", "b": ""}
