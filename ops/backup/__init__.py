"""Copies of what the shop keeps, and the way back to a moment that they cover."""
