"""The same echo with py-amqp alone: the least that AMQP and the broker cost."""

import json
import os
import signal
import sys
from urllib.parse import urlsplit

from amqp import Channel, Connection, Message

from bench.tally import IN_FLIGHT, VALUE, Tally

QUEUE = "bench_bare"


def main(role: str) -> None:
    address = urlsplit(os.environ["AMQP_URI"])
    with Connection(
        f"{address.hostname}:{address.port}",
        userid=address.username,
        password=address.password,
        virtual_host=address.path[1:],
    ) as connection:
        channel = connection.channel()
        # Whoever comes first declares it.
        channel.queue_declare(QUEUE, auto_delete=True)
        {"serve": serve, "ask": ask}[role](connection, channel)


def serve(connection: Connection, channel: Channel) -> None:
    def answer(request: Message) -> None:
        reply = Message(request.body, correlation_id=request.correlation_id)
        channel.basic_publish(reply, routing_key=request.reply_to)

    channel.basic_consume(QUEUE, no_ack=True, callback=answer)
    while True:
        connection.drain_events()


def ask(connection: Connection, channel: Channel) -> None:
    tally, body = Tally.asked_for(), json.dumps(VALUE)
    replies = channel.queue_declare(exclusive=True).queue

    def send() -> None:
        began = str(tally.clock())
        request = Message(body, reply_to=replies, correlation_id=began)
        channel.basic_publish(request, routing_key=QUEUE)

    def hear(reply: Message) -> None:
        if reply.body == body:
            tally.add(float(reply.correlation_id))
        else:
            tally.fail()
        send()

    channel.basic_consume(replies, no_ack=True, callback=hear)
    for _ in range(IN_FLIGHT):
        send()
    while not tally.is_full:
        connection.drain_events()
    # Its CPU time is read while it lives.
    signal.pause()


if __name__ == "__main__":
    main(sys.argv[1])
