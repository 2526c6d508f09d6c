"""Publishes events, each with the trace that it came of."""

from collections.abc import Callable
from typing import Any

from nameko import config, serialization
from nameko.amqp.publish import Publisher
from nameko.constants import AMQP_SSL_CONFIG_KEY, LOGIN_METHOD_CONFIG_KEY
from nameko.standalone.events import get_event_exchange

from common.tracing.messages import trace_header


def publisher(source: str) -> Callable[[str, dict[str, Any]], None]:
    """``publish(event_type, body)`` for ``source`` returns when the broker has it.

    It raises what kombu raises.
    """
    own = Publisher(
        config["AMQP_URI"],
        serializer=serialization.setup().serializer,
        ssl=config.get(AMQP_SSL_CONFIG_KEY),
        login_method=config.get(LOGIN_METHOD_CONFIG_KEY),
    )
    exchange = get_event_exchange(source)

    def publish(event_type: str, body: dict[str, Any]) -> None:
        own.publish(
            body, exchange=exchange, routing_key=event_type, headers=trace_header()
        )

    return publish
