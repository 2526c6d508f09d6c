"""A client is told by an address that nobody can make up."""

import pytest

from gateway.clients import client_of


@pytest.mark.parametrize(
    ("forwarded", "proxies", "client"),
    [
        ("", 0, "10.0.0.1"),
        ("6.6.6.6", 0, "10.0.0.1"),
        ("", 1, "10.0.0.1"),
        ("1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4", 1, "1.2.3.4"),
        ("6.6.6.6, 1.2.3.4, 10.0.0.9", 2, "1.2.3.4"),
        ("1.2.3.4", 2, "1.2.3.4"),
    ],
)
def test_a_client_is_whom_our_own_proxies_saw(forwarded, proxies, client):
    assert client_of("10.0.0.1", forwarded, proxies) == client


def test_one_ipv6_network_is_one_client():
    assert client_of("2001:db8::1", "", 0) == client_of("2001:db8::2", "", 0)
    assert client_of("2001:db8::1", "", 0) != client_of("2001:db8:0:1::1", "", 0)
    assert client_of("::ffff:10.0.0.1", "", 0) == "10.0.0.1"
