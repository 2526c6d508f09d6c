"""What goes wrong for an operator, in one line."""

import click


class Problem(click.ClickException):
    """Expected trouble: it is told without a traceback and ends the command."""
