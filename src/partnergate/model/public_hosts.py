"""Which host names and addresses are public. The rules for partner URLs and the fetcher share them.

Everything is private unless it is globally routable unicast. The lists follow the special-purpose address
registries of IANA (RFC 6890) and do not depend on the version of Python, whose ``is_global`` is True for
some of these ranges.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

_PRIVATE_IPV4: Final = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT; 100.100.100.200 is a metadata service
        "127.0.0.0/8",
        "168.63.129.16/32",  # the platform address of Azure virtual machines
        "169.254.0.0/16",  # link-local; 169.254.169.254 is a metadata service
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments; 192.0.0.192 is a metadata service
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4, deprecated
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_IPV6: Final = ip_network("2000::/3")
"""The only block from which global unicast addresses are assigned."""
_PRIVATE_IPV6: Final = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # protocol assignments, with Teredo (2001::/32), which embeds IPv4 addresses
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, deprecated, which embeds IPv4 addresses
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
_TRANSLATED: Final = ip_network("64:ff9b::/96")
"""NAT64 with the well-known prefix: networks without IPv4 reach public IPv4 servers through it.

The local prefix ``64:ff9b:1::/48`` is private, as it translates to whatever the network decides.
"""
_IPV4_BITS: Final = 0xFFFFFFFF

_PRIVATE_NAMES: Final = frozenset({"instance-data", "kubernetes", "localhost", "metadata", "metadata.goog"})
_PRIVATE_ENDINGS: Final = (
    # Reserved, or in use inside networks
    "cluster.local",
    "consul",
    "corp",
    "docker",
    "home",
    "home.arpa",
    "internal",
    "intranet",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mesh",
    "onion",
    "pod",
    "private",
    "svc",
    # Public names that resolve to the address in the name, or to loopback
    "1u.ms",
    "backname.io",
    "ip.addr.tools",
    "lacolhost.com",
    "local-ip.co",
    "local-ip.sh",
    "local.gd",
    "localho.st",
    "localhost.direct",
    "localtest.me",
    "lvh.me",
    "nip.io",
    "rbndr.us",
    "sslip.io",
    "traefik.me",
    "vcap.me",
    "xip.io",
)
_WITH_DOT: Final = tuple(f".{ending}" for ending in _PRIVATE_ENDINGS)
_WHOLE: Final = _PRIVATE_NAMES | frozenset(_PRIVATE_ENDINGS)


def is_public_address(address: IPv4Address | IPv6Address) -> bool:
    """Whether the address is globally routable unicast, and so is an IPv4 address that it embeds."""
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in block for block in _PRIVATE_IPV4)
    if address.ipv4_mapped is not None:
        return is_public_address(address.ipv4_mapped)
    if address in _TRANSLATED:
        return is_public_address(IPv4Address(int(address) & _IPV4_BITS))
    if address not in _GLOBAL_IPV6 or any(address in block for block in _PRIVATE_IPV6):
        return False
    return address.is_global


@lru_cache(maxsize=32768)
def is_private_name(host: str) -> bool:
    """Whether the host name can only be meant for a private network, or resolves to an address it spells.

    A trailing dot and letter case make no difference. IP addresses are not names; see ``address_of``.
    """
    name = host.rstrip(".").lower()
    return "." not in name or name in _WHOLE or name.endswith(_WITH_DOT)


def address_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that the host is written as; None for a name. A zone (``%eth0``) is dropped."""
    try:
        return ip_address(host.rstrip(".").partition("%")[0])
    except ValueError:
        return None


def is_loopback_host(host: str) -> bool:
    """Whether the host name or address always refers to this machine."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    found = address_of(name)
    return found is not None and found.is_loopback
