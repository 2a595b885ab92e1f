"""Everything is private unless it is a globally routable unicast address or a public host name."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.doctor.fetching import Fetcher, FetchRefused
from partnergate.language.rules.addresses import address_problems
from partnergate.model.environment import NetworkPolicy
from partnergate.model.public_hosts import is_loopback_host, is_private_name, is_public_address

PRIVATE = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.0.0.9",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.1.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::8.8.8.8",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:168.63.129.16",
    "::ffff:0:127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "64:ff9b:1:ffff::8.8.8.8",
    "100::1",
    "2001::1",
    "2001:0:7f00:1::",
    "2001:2::1",
    "2001:db8::1",
    "2001:10::1",
    "2002:7f00:1::",
    "2002:0808:0808::1",
    "2620:4f:8000::1",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "192.0.1.1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2606:4700::1111",
    "2a00:1450::1",
]
PRIVATE_NAMES = [
    "metadata.goog",
    "127-0-0-1.local-ip.sh",
    "127.0.0.1.ip.addr.tools",
    "localhost.direct",
    "idp",
    "localhost",
    "a.localhost",
    "kubernetes",
    "metadata",
    "metadata.google.internal",
    "keys.internal",
    "db.docker",
    "host.docker.internal",
    "vault.service.consul",
    "nas.local",
    "printer.lan",
    "idp.corp",
    "keycloak.svc",
    "keycloak.default.svc.cluster.local",
    "127.0.0.1.sslip.io",
    "10-0-0-1.sslip.io",
    "169.254.169.254.nip.io",
    "nip.io",
    "a.localtest.me",
    "localtest.me",
    "lvh.me",
    "x.xip.io",
    "7f000001.c0a80001.rbndr.us",
    "IDP.Internal",
    "keys.internal.",
    "localhost.",
    "a.nip.io..",
]
PUBLIC_NAMES = [
    "login.acme.example",
    "idp.acme.test",
    "internal.acme.com",
    "notnip.io",
    "consul.io",
    "acme.com.",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_globally_routable_is_private(address: str) -> None:
    assert not is_public_address(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_global_unicast_address_is_public(address: str) -> None:
    assert is_public_address(ip_address(address))


@given(st.integers(min_value=0, max_value=2**32 - 1))
def test_an_embedded_ipv4_address_decides_like_itself(number: int) -> None:
    plain = is_public_address(IPv4Address(number))
    assert is_public_address(IPv6Address((0xFFFF << 32) | number)) is plain
    assert is_public_address(IPv6Address((0x64FF9B << 96) | number)) is plain
    assert not is_public_address(IPv6Address(number)), "IPv4-compatible addresses are never routed"
    assert not is_public_address(IPv6Address((0x2002 << 112) | (number << 80))), "6to4"
    assert not is_public_address(IPv6Address((0x20010000 << 96) | number)), "Teredo"


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_no_public_address_is_outside_the_global_unicast_block(number: int) -> None:
    address = IPv6Address(number)
    embedded = number >> 32 in (0xFFFF, 0x64FF9B << 64)
    assert not is_public_address(address) or embedded or number >> 125 == 1


@pytest.mark.parametrize("host", PRIVATE_NAMES)
def test_a_name_for_private_use_is_refused_in_files_and_by_the_fetcher(host: str) -> None:
    """The rule for files and the fetcher use one function, so neither accepts what the other refuses."""
    assert is_private_name(host)
    url = f"https://{host}/jwks.json"
    assert {"PG119", "PG120", "PG123"} & {code for code, _, _ in address_problems(url, loopback_http=False)}
    fetcher = Fetcher(policy=NetworkPolicy(), resolve=lambda _host, _port: ("93.184.216.34",))
    with pytest.raises(FetchRefused, match="private host name"):
        fetcher.get(url)


@pytest.mark.parametrize("host", PUBLIC_NAMES)
def test_a_public_name_is_accepted(host: str) -> None:
    assert not is_private_name(host)
    assert address_problems(f"https://{host}/jwks.json", loopback_http=False) == ()


@pytest.mark.parametrize("host", ["\uff11\uff12\uff17.0.0.1", "idp\u3002internal", "\u24dbocalhost"])
def test_a_host_outside_ascii_is_refused_before_it_is_normalized(host: str) -> None:
    fetcher = Fetcher(policy=NetworkPolicy(), resolve=lambda _host, _port: ("93.184.216.34",))
    with pytest.raises(FetchRefused, match="Punycode"):
        fetcher.get(f"https://{host}/")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("localhost", True), ("LOCALHOST.", True), ("a.localhost", True), ("127.0.0.1.", True), ("::1", True),
     ("::1%lo", True), ("10.0.0.1", False), ("localhost.example", False), ("nip.io", False)],
)  # fmt: skip
def test_loopback_is_recognized_in_every_spelling(host: str, loopback: bool) -> None:
    assert is_loopback_host(host) is loopback


@pytest.mark.parametrize(
    "host",
    [
        "%31%32%37.0.0.1",
        "login.acme.example%00.example",
        "login.acme.example;other.example",
        "login.acme.example,other.example",
        "login..acme.example",
        ".acme.example",
        "*.acme.example",
        "login.acme.example!",
        "[v1.acme.example]",
    ],
)
def test_a_host_that_parsers_read_differently_is_refused_in_files(host: str) -> None:
    """One parser may decode or cut the host that another one compares with the rules."""
    url = f"https://{host}/jwks.json"
    assert [code for code, _, _ in address_problems(url, loopback_http=False)] == ["PG123"]


@pytest.mark.parametrize("host", ["login_eu.acme.example", "LOGIN.Acme.example", "xn--bcher-kva.example."])
def test_an_unusual_host_name_is_accepted_in_files(host: str) -> None:
    assert address_problems(f"https://{host}/jwks.json", loopback_http=False) == ()
