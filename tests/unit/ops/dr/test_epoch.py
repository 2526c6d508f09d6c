"""An epoch is given once, to one region."""

import pytest

from ops.dr import epoch
from ops.dr.epoch import NONE, Epoch
from ops.errors import Problem


class Epochs:
    """One document, as MongoDB's majority has it."""

    def __init__(self) -> None:
        self.kept: dict | None = None

    def find_one(self, wanted: dict) -> dict | None:
        return self.kept and {**self.kept}

    def find_one_and_update(
        self, wanted: dict, change: dict, upsert: bool, return_document: bool
    ) -> dict | None:
        if self.kept is None and upsert:
            self.kept = {**wanted}
        if self.kept is None or self.kept["number"] != wanted["number"]:
            return None
        self.kept |= change["$set"]
        self.kept["number"] += change["$inc"]["number"]
        return {**self.kept}

    def update_one(self, wanted: dict, change: dict) -> None:
        if self.kept and wanted["number"] == self.kept["number"]:
            self.kept |= change["$set"]


@pytest.fixture
def epochs(monkeypatch):
    kept = Epochs()
    monkeypatch.setattr(epoch, "records", lambda client: kept)
    return kept


@pytest.mark.usefixtures("epochs")
def test_the_first_epoch_is_that_of_the_first_region():
    assert epoch.claim(None, NONE, "region-a") == Epoch(1, "region-a")


@pytest.mark.usefixtures("epochs")
def test_the_next_epoch_is_one_more():
    first = epoch.claim(None, NONE, "region-a")
    assert epoch.claim(None, first, "region-b") == Epoch(2, "region-b")


@pytest.mark.usefixtures("epochs")
def test_of_two_that_claim_the_same_epoch_one_is_refused():
    first = epoch.claim(None, NONE, "region-a")
    epoch.claim(None, first, "region-b")
    with pytest.raises(Problem, match="the epoch after 1"):
        epoch.claim(None, first, "region-a")
    assert epoch.current(None) == Epoch(2, "region-b")


@pytest.mark.usefixtures("epochs")
def test_an_epoch_is_opened_after_it_was_given_and_by_itself():
    first = epoch.claim(None, NONE, "region-a")
    assert not epoch.current(None).opened
    epoch.note_opened(None, first)
    assert epoch.current(None).opened


@pytest.mark.usefixtures("epochs")
def test_who_comes_late_does_not_open_the_epoch_of_another():
    first = epoch.claim(None, NONE, "region-a")
    epoch.claim(None, first, "region-b")
    epoch.note_opened(None, first)
    assert not epoch.current(None).opened


def test_what_was_kept_before_it_was_noted_may_have_been_opened(epochs):
    epochs.kept = {"number": 4, "region": "region-a"}
    assert epoch.current(None).opened
