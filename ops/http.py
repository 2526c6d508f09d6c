"""Speaks to the servers that are run over HTTP: RabbitMQ's management, Consul."""

from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3

from ops.errors import Problem

pool = urllib3.PoolManager(timeout=5.0, retries=False)
FIRST_REFUSAL = 400


def call(method: str, uri: str, body: Any = None, token: str = "") -> Any:
    """The answer's JSON, or None for an empty one; user and password are the URI's.

    ``token`` is for Consul.
    """
    answer = request(method, uri, body, token)
    if answer.status >= FIRST_REFUSAL:
        said = answer.data[:200].decode(errors="replace").strip()
        raise Problem(f"{method} {bare(uri)} answered {answer.status}: {said}")
    return answer.json() if answer.data.strip() else None


def answers(uri: str, with_: str = "", token: str = "") -> bool:
    """Whether there is somebody who says yes, and says ``with_``."""
    try:
        answer = request("GET", uri, token=token)
    except urllib3.exceptions.HTTPError:
        return False
    return answer.status < FIRST_REFUSAL and with_.encode() in answer.data


def request(
    method: str, uri: str, body: Any = None, token: str = ""
) -> urllib3.BaseHTTPResponse:
    headers = credentials(uri) | ({"X-Consul-Token": token} if token else {})
    return pool.request(method, bare(uri), json=body, headers=headers)


def bare(uri: str) -> str:
    address = urlsplit(uri)
    return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()


def credentials(uri: str) -> dict[str, str]:
    address = urlsplit(uri)
    if address.username is None:
        return {}
    pair = f"{unquote(address.username)}:{unquote(address.password or '')}"
    return dict(urllib3.make_headers(basic_auth=pair))
