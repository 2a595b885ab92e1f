"""The browser of a test login goes where a partner sends it only when anybody may go there."""

import pytest

from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.witness import Witness
from partnergate.login.browser import LoginRefusedError
from partnergate.model.environment import NetworkPolicy

ADDRESSES = {
    "login.acme.example": ("93.184.216.34",),
    "inside.acme.example": ("10.0.0.7",),
    "meta.acme.example": ("169.254.169.254",),
    "both.acme.example": ("93.184.216.34", "127.0.0.1"),
}


@pytest.fixture
def witness():
    return Witness(
        host_url="https://id.host.example",
        partner_url="https://login.acme.example/authorize",
        endpoint="https://id.host.example/realms/host/broker/acme/endpoint",
        fetcher=Fetcher(policy=NetworkPolicy(), resolve=lambda host, _: ADDRESSES[host]),
    )


@pytest.mark.parametrize(
    "url",
    [
        "http://login.acme.example/",
        "https://inside.acme.example/admin",
        "https://meta.acme.example/latest",
        "https://both.acme.example/",
        "https://user@login.acme.example/",
        "file:///etc/passwd",
    ],
)
def test_an_address_that_is_not_public_is_never_asked(witness, url):
    with pytest.raises(LoginRefusedError, match="may not be asked"):
        witness.browser().request("GET", url)


def test_the_host_itself_and_public_partners_are_asked(witness):
    witness.allow("https://id.host.example/realms/host")
    witness.allow("https://login.acme.example/authorize?x=1")
