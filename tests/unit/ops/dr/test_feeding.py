"""A replica is told whom it follows, and what is kept for it."""

from ops.dr import feeding
from ops.dr.regions import Region

A = Region("region-a", "unused", "host=a user=replicator", *["unused"] * 6)


def test_a_replica_has_a_slot_of_a_name_that_postgresql_takes():
    told = feeding.following(A, "region-b")
    assert told["primary_slot_name"] == "region_b"


def test_a_replica_tells_its_leader_who_it_is():
    told = feeding.following(A, "region-b")
    assert (
        told["primary_conninfo"] == "host=a user=replicator application_name=region-b"
    )
