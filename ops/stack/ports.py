"""Looks whether the ports are free before anything is started on them."""

import errno
import socket
from collections.abc import Mapping
from contextlib import suppress

import psutil

from ops.errors import Problem

# Below 1024 they are root's; whatever else is refused is the address.
PORTS_FAULT = (errno.EADDRINUSE, errno.EACCES)


def demand_free(ports: Mapping[str, int], hosts: Mapping[str, str]) -> None:
    """Raise for the first busy one; a port without a host is on the loopback."""
    for name, port in ports.items():
        host = hosts.get(name, "127.0.0.1")
        if refusal := refusal_of(host, port):
            trouble = told(refusal, host, port)
            what = "PORT" if refusal.errno in PORTS_FAULT else "HOST"
            raise Problem(
                f"port {port} ({name}) {trouble}; set {name.upper()}_{what} to another"
            )


def trouble_with(host: str, port: int) -> str:
    """Why nobody could listen there, or nothing."""
    refusal = refusal_of(host, port)
    return told(refusal, host, port) if refusal else ""


def told(refusal: OSError, host: str, port: int) -> str:
    if refusal.errno == errno.EADDRINUSE:
        return f"is in use by {holder(port)}"
    return f"cannot be taken on {host}: {refusal.strerror}"


def refusal_of(host: str, port: int) -> OSError | None:
    with socket.socket() as trial:
        # Connections of the last run may still be in TIME_WAIT; they do not matter.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as refusal:
            return refusal
        except UnicodeError:
            return OSError(errno.EINVAL, "it is not a host's name")
    return None


def holder(port: int) -> str:
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.laddr.port == port and connection.pid:
            with suppress(psutil.NoSuchProcess):
                return f"pid {connection.pid} {psutil.Process(connection.pid).name()}"
    return "another user's process"
