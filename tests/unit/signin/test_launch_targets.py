"""Launch targets: URLs outside the allow list are refused, including known open-redirect tricks."""

import pytest

from partnergate.signin.targets import allowed_target

ALLOWED = ("https://app.host.example/workspaces", "https://docs.host.example")


@pytest.mark.parametrize(
    "target",
    [
        "https://app.host.example/workspaces",
        "https://app.host.example/workspaces/7?x=https://evil.example#part",
        "https://app.host.example:443/workspaces/7",
        "https://APP.host.example/workspaces",
        "https://docs.host.example/anything",
    ],
)
def test_a_url_on_or_below_the_allow_list_is_allowed(target):
    assert allowed_target(target, ALLOWED)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "/workspaces",
        "//app.host.example/workspaces",
        "http://app.host.example/workspaces",
        "https://app.host.example/workspaces-of-others",
        "https://app.host.example/",
        "https://app.host.example:8443/workspaces",
        "https://app.host.example.evil.example/workspaces",
        "https://app.host.example@evil.example/workspaces",
        "https://evil.example\\@app.host.example/workspaces",
        "https://app.host.example\\.evil.example/workspaces",
        "https://app.host.example/workspaces/../admin",
        "https://app.host.example/workspaces/%2e%2e/admin",
        "https://app.host.example/workspaces/..%5cadmin",
        "https://app.host.example/workspaces\r\nSet-Cookie: a=b",
        "https://app.host.example/workspaces\x00",
        " https://app.host.example/workspaces",
        "https://app.host.example\t/workspaces",
        "https://[app.host.example/workspaces",
        "https://app.host.example:port/workspaces",
        "javascript:alert(1)//https://app.host.example/workspaces",
        "data:text/html,x",
        "https://\u0430pp.host.example/workspaces",
        "https://app.host.example/workspaces/" + "a" * 3000,
    ],
)
def test_every_other_url_is_refused(target):
    assert not allowed_target(target, ALLOWED)
