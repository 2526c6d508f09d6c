"""Nameko as it comes, in the words of the shop."""

import gc
import json
import os
from functools import partial, wraps

import nameko.events
import nameko.web.handlers
from nameko.exceptions import UnknownService
from nameko.rpc import ReplyListener, ServiceRpc, rpc

__all__ = [
    "ServiceRpc",
    "UnknownService",
    "event_handler",
    "http",
    "pending_replies",
    "rpc",
]

event_handler = partial(
    nameko.events.event_handler, requeue_on_error="REQUEUE" in os.environ
)


def http(method, url):
    def decorate(handler):
        @nameko.web.handlers.http(method, url)
        @wraps(handler)
        def answer(self, request, **path):
            document = json.loads(request.get_data() or b"null")
            return json.dumps(handler(self, document, **path))

        return answer

    return decorate


def pending_replies():
    """How many replies this process waits for, or believes so."""
    listeners = [each for each in gc.get_objects() if isinstance(each, ReplyListener)]
    return sum(len(each.pending) for each in listeners)
