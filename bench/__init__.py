"""Measures the shop beside stock Nameko, on the same broker in the same run."""
