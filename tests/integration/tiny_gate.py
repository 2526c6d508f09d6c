"""A gateway with no shop behind it, for the tests of its web server."""

from urllib.parse import parse_qsl

import eventlet
from nameko.web.handlers import HttpRequestHandler

from common import json
from gateway.problems import problem_from
from gateway.response import Response
from gateway.server import Gate

READY = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nready"


class TinyDoor:
    def ready(self, method, target, headers, peer):
        return READY if target == b"/ready" else None

    def answer(self, request):
        asked = dict(parse_qsl(request.query_string))
        return getattr(self, request.path[1:], self.echo)(request, **asked)

    def echo(self, request):
        said = {"target": request.target.decode(), "body": len(request.body)}
        said |= {"method": request.method, "headers": request.headers}
        return Response(json.dumps(said), content_type="application/json")

    def slow(self, request, seconds):
        eventlet.sleep(float(seconds))
        return self.echo(request)

    def large(self, request, size):
        return Response(b"x" * int(size))

    def nothing(self, request):
        return Response(status=204)

    def broken(self, request):
        raise RuntimeError("a bug")

    def split(self, request):
        return Response(headers={"Location": "a\r\nSet-Cookie: b"})

    def refuse(self, request, refusal):
        return problem_from(refusal, request)


class TinyGate(Gate):
    def make_door(self):
        return TinyDoor()


class Http(HttpRequestHandler):
    server = TinyGate()


class Tiny:
    name = "tiny"

    @Http.decorator("GET", "/")
    def get(self, request):
        """Nobody calls this: the door answers."""
