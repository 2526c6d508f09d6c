"""ShopNow's own, in the words of the shop."""

import gc
from functools import wraps

import gateway.http
from common.events import event_handler
from common.json import dumps
from common.wire import Caller, ServiceRpc, rpc
from gateway.access import ANYONES, TABLE
from gateway.auth import ANYONE
from gateway.response import Response
from tests.faults.subject.stock import UnknownService

__all__ = [
    "ServiceRpc",
    "UnknownService",
    "event_handler",
    "http",
    "pending_replies",
    "rpc",
]


def http(method, url):
    TABLE[f"{method} {gateway.http.path_of(url)}"] = ANYONE, ANYONES

    def decorate(handler):
        @gateway.http.http(method, url)
        @wraps(handler)
        def answer(self, request, **path):
            document = request.document if method == "POST" else None
            said = dumps(handler(self, document, **path))
            return Response(said, content_type="application/json")

        return answer

    return decorate


def pending_replies():
    """How many replies this process waits for, or believes so."""
    callers = [each for each in gc.get_objects() if isinstance(each, Caller)]
    return sum(len(each.pending) for each in callers)
