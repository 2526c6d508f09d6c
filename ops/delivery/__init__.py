"""How a release comes to a cluster, and how it is seen to work there."""
