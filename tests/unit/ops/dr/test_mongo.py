"""One member is asked as the set is; who is not let in hears so at once."""

import pytest
from pymongo.errors import NotPrimaryError, OperationFailure

from ops.dr import mongo
from ops.dr.regions import Region, Regions

A = Region("region-a", *["unused"] * 2, "a:2", *["unused"] * 5)
SET = "mongodb://admin:s%40t@a:1,b:1/admin?authSource=admin&replicaSet=rs0&tls=true"


class Member:
    """A secondary that answers ``refusal`` to whoever asks it to stand."""

    def __init__(self, refusal: Exception) -> None:
        self.admin, self.refusal = self, refusal

    def command(self, name: str) -> dict[str, bool]:
        if name == "replSetStepUp":
            raise self.refusal
        return {"isWritablePrimary": False}

    def __enter__(self) -> "Member":
        return self

    def __exit__(self, *trouble: object) -> None:
        pass


def test_one_member_is_asked_as_the_set_is_but_for_its_name():
    alone = "mongodb://admin:s%40t@a:2/admin?authSource=admin&tls=true"
    assert mongo.alone(SET, "a:2") == alone


def test_a_set_without_a_login_or_a_database_has_such_members():
    assert mongo.alone("mongodb://a:1,b:1", "a:2") == "mongodb://a:2/?"


def test_the_client_of_a_member_speaks_tls_if_the_set_does(monkeypatch):
    monkeypatch.setattr(mongo, "MongoClient", lambda uri, **_: uri)
    assert "tls=true" in mongo.member(Regions(SET, {"region-a": A}), A)


@pytest.mark.parametrize("code", mongo.STRANGER)
def test_who_is_not_let_in_is_not_told_of_a_majority(monkeypatch, code):
    stranger = Member(OperationFailure("who are you?", code))
    monkeypatch.setattr(mongo, "member", lambda *_: stranger)
    with pytest.raises(OperationFailure, match="who are you"):
        mongo.is_primary(None, A)


@pytest.mark.parametrize(
    "trouble", [NotPrimaryError("late"), OperationFailure("no majority", 125)]
)
def test_a_member_that_is_not_well_enough_yet_is_asked_again(monkeypatch, trouble):
    monkeypatch.setattr(mongo, "member", lambda *_: Member(trouble))
    assert not mongo.is_primary(None, A)
