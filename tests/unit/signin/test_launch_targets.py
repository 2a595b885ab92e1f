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
        "https://docs.host.example",
        "https://docs.host.example/",
        "https://app.host.example/workspaces/",
        "https://app.host.example/workspaces/a%20b/100%25/%C3%A9/x.y;v=1",
        "https://app.host.example/workspaces?next=%252e%252e",
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
        "https://app.host.example/workspaces/%252e%252e/admin",
        "https://app.host.example/workspaces/%25252e%25252e/admin",
        "https://app.host.example/workspaces/.%2e/admin",
        "https://app.host.example/workspaces/%2E%2E%2Fadmin",
        "https://app.host.example/workspaces%2f..%2fadmin",
        "https://app.host.example/workspaces/..;/admin",
        "https://app.host.example/workspaces/..;x=1/admin",
        "https://app.host.example/workspaces/%2e%2e%3b/admin",
        "https://app.host.example/workspaces/./7",
        "https://app.host.example//workspaces",
        "https://app.host.example//evil.example/workspaces",
        "https://app.host.example/workspaces//evil.example",
        "https://app.host.example/workspaces/%2f%2fevil.example",
        "https://app.host.example/workspaces/%252f%252fevil.example",
        "https://app.host.example/workspaces/%5cevil.example",
        "https://app.host.example/workspaces/%255cevil.example",
        "https://app.host.example/workspaces/%00",
        "https://app.host.example/workspaces/%2500",
        "https://app.host.example/workspaces/%0d%0aSet-Cookie:a=b",
        "https://app.host.example/workspaces/%c0%ae%c0%ae/admin",
        "https://app.host.example/workspaces/%ff",
        "https://app.host.example/workspaces/%u002e%u002e/admin",
        "https://app.host.example/workspaces/%ef%bc%8e%ef%bc%8e/admin",
        "https://app.host.example/workspaces/%ef%bc%8fadmin",
        "https://app.host.example/workspaces/%e2%80%a5/admin",
        "https://app.host.example/workspaces/%e2%80%ae7",
        "https://app.host.example/workspaces/%ef%bc%8531",
        "https:/app.host.example/workspaces",
        "https:app.host.example/workspaces",
        "https:///app.host.example/workspaces",
        "https://app.host.example./workspaces",
        "https://app%2ehost.example/workspaces",
        "https://app.host.example%2f@evil.example/workspaces",
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
