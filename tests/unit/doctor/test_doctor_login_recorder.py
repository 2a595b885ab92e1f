"""The browser of a test login requests public URLs and the host only."""

from datetime import UTC, datetime

import pytest

from partnergate.doctor.fetching import Fetcher
from partnergate.doctor.login_recorder import LoginRecorder
from partnergate.login.browser import LoginRefusedError
from partnergate.model.environment import NetworkPolicy

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ADDRESSES = {
    "login.acme.example": ("93.184.216.34",),
    "inside.acme.example": ("10.0.0.7",),
    "meta.acme.example": ("169.254.169.254",),
    "both.acme.example": ("93.184.216.34", "127.0.0.1"),
}


@pytest.fixture
def recorder():
    return LoginRecorder(
        host_url="https://id.host.example",
        partner_url="https://login.acme.example/authorize",
        endpoint="https://id.host.example/realms/host/broker/acme/endpoint",
        fetcher=Fetcher(policy=NetworkPolicy(), resolve=lambda host, _: ADDRESSES[host]),
        now=lambda: NOW,
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
def test_a_url_that_is_not_public_is_not_requested(recorder, url):
    with pytest.raises(LoginRefusedError, match="is not allowed"):
        recorder.browser().request("GET", url)


def test_the_host_and_public_partner_urls_are_allowed(recorder):
    recorder.allow("https://id.host.example/realms/host")
    recorder.allow("https://login.acme.example/authorize?x=1")


def test_the_saml_response_is_recorded_with_the_time_of_its_arrival(recorder):
    assert recorder.saml_response_at is None
    recorder.record_form(recorder.endpoint, "PHg+")
    assert (recorder.saml_response, recorder.saml_response_at) == ("PHg+", NOW)


def test_consent_is_accepted_only_at_the_partner_and_only_on_request(recorder):
    assert recorder.browser().consent_origin == ""
    recorder.accept_consent = True
    assert recorder.browser().consent_origin == recorder.partner_url
