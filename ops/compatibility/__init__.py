"""Whether what we promised others still holds: the API, and the events between us."""
