"""What the drill calls its places."""

A, B, WITNESS = "region-a", "region-b", "witness"
# Region A's second PostgreSQL, if it has one.
STANDBY = "region-a-standby"
