"""Two regions: who of them takes writes, and what is done when that one is gone."""
