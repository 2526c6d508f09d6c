import socket

import pytest

from ops.errors import Problem
from ops.stack.ports import demand_free


def test_a_busy_port_asks_for_another_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(Problem, match=r"in use by pid .*; set GATEWAY_PORT to"):
            demand_free({"gateway": port}, {"gateway": "127.0.0.1"})


# 192.0.2.1 is for documentation, so no machine has it.
@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "a" * 70])
def test_an_impossible_host_asks_for_another_host(host):
    with pytest.raises(
        Problem, match=rf"cannot be taken on {host}: .* GATEWAY_HOST to"
    ):
        demand_free({"gateway": 38123}, {"gateway": host})
