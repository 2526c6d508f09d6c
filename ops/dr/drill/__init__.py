"""Two regions on one machine, one of which is killed while people buy."""
