"""Logs: one JSON object a line, one line a fact, and no words of people.

Each call of an entrypoint leaves one line, when it has ended (tracer.py, on
nameko-tracer).  docs/logs.md says what is in it.
"""
