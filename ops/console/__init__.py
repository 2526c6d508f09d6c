"""The ops page, and what it shares with `shopnow top`: a look at the whole shop."""
