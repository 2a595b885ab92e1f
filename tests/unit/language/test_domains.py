"""Registered domains, according to the public suffix list in the package."""

from __future__ import annotations

import pytest

from partnergate.language.rules.domains import have_one_owner, registrable


@pytest.mark.parametrize(
    ("domain", "found"),
    [
        ("login.acme.example", "acme.example"),
        ("login.acme.co.uk", "acme.co.uk"),
        ("acme.github.io", "acme.github.io"),
        ("co.uk", None),
        ("github.io", None),
        ("kawasaki.jp", None),
        ("city.kawasaki.jp", "city.kawasaki.jp"),
        ("xn--55qx5d.cn", None),
        ("acme.xn--55qx5d.cn", "acme.公司.cn"),
        ("xn--a.example", "xn--a.example"),
    ],
)
def test_the_registered_part_of_a_domain(domain, found):
    assert registrable(domain) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("login.acme.example", "keys.acme.example", True),
        ("acme.example", "acme.example", True),
        ("login.acme.example", "login.globex.example", False),
        ("login.acme.co.uk", "token.acme.co.uk", True),
        ("login.acme.co.uk", "login.globex.co.uk", False),
        ("acme.azurewebsites.net", "globex.azurewebsites.net", False),
        ("co.uk", "co.uk", True),
    ],
)
def test_hosts_in_the_same_registered_domain_have_the_same_owner(one, other, same):
    assert have_one_owner(one, other) is same
    assert have_one_owner(other, one) is same
