"""Who a client is, when all that is known of them is an address."""

from ipaddress import IPv6Address, ip_address

# Who has one IPv6 address has 2^64 of them, and is one client all the same.
IPV6_NETWORK_BYTES = 8
LONGEST_NAME = 64


def client_of(peer: str, forwarded: str, trusted_proxies: int) -> str:
    """Whose request it is: ``peer``'s, or whom our own proxies name.

    Each proxy adds the address it saw to the right of ``X-Forwarded-For``;
    what stands further left than ours is the client's own invention.
    """
    address = peer
    if trusted_proxies and forwarded:
        hops = [hop.strip() for hop in forwarded.split(",")]
        address = hops[-min(trusted_proxies, len(hops))]
    return network_of(address) if ":" in address else address[:LONGEST_NAME]


def network_of(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address[:LONGEST_NAME]
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return found.packed[:IPV6_NETWORK_BYTES].hex()
