"""A command that pymongo sends is a span until it ends, if it ends."""

from types import SimpleNamespace

from common import tracing
from common.tracing.mongo import MOST_UNDER_WAY, Commands


def command(number):
    return SimpleNamespace(
        request_id=number,
        command_name="find",
        command={"find": "products"},
        database_name="shop",
    )


def test_a_command_is_under_way_until_it_has_ended():
    commands = Commands()
    with tracing.entry("get"):
        commands.started(command(1))
        span = commands.under_way[1]
        commands.succeeded(command(1))

    assert (span.name, commands.under_way) == ("find products", {})
    assert span.end


def test_of_those_that_never_end_the_oldest_are_forgotten():
    commands = Commands()
    with tracing.entry("get"):
        for number in range(MOST_UNDER_WAY + 3):
            commands.started(command(number))
        commands.succeeded(command(0))

    assert list(commands.under_way) == list(range(3, MOST_UNDER_WAY + 3))
