"""People come into a shop that has only just opened."""

from ops.dr.drill import load
from ops.dr.drill.load import Crowd

BUSY = {"code": "unavailable"}


def test_who_is_turned_away_at_the_door_asks_again(monkeypatch):
    answers = iter([BUSY, {"access_token": "t"}, BUSY, {"items": [{"id": "tea"}]}])
    crowd = Crowd({"here": "unused"}, "here")
    monkeypatch.setattr(load, "BUYERS", 0)
    monkeypatch.setattr("ops.dr.waiting.POLL_SECONDS", 0)
    monkeypatch.setattr(crowd, "ask", lambda *_: next(answers))

    crowd.enter("ada@example.com", "secret")

    assert (crowd.token, crowd.products) == ("t", ["tea"])
