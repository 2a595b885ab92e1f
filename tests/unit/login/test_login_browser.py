"""What the headless browser submits, and why a walk ends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from partnergate.login.browser import Browser, Credentials, LoginRefusedError, Refusal

HOST, PARTNER, DONE = (
    "https://id.host.example",
    "https://login.partner.example",
    "https://app.host.example/done",
)
ANN = Credentials(username="ann", password="pw")
NAME = '<form method="post" action="/name"><input name="login"></form>'
PASSWORD = '<form method="post" action="/password"><input type="password" name="pw"></form>'
BOTH = '<form method="post" action="/both"><input name="login"><input type="password" name="pw"></form>'
CONSENT = '<form method="post" action="/consent"><button name="answer" value="accept">Yes</button></form>'
CODE = '<form method="post" action="/code"><input name="otp"></form>'
PROFILE = '<form method="post"><input name="username"><input name="email"></form>'


@dataclass(slots=True)
class Scripted(Browser):
    """Responds with the pages of a script instead of requests: (status, HTML or redirect)."""

    script: list[tuple[int, str]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        if method == "POST":
            self.sent.append(dict(arguments["data"]))
        status, content = self.script.pop(0)
        answer = requests.Response()
        answer.status_code, answer.url = status, url
        if status == 302:
            answer.headers["Location"] = content
        else:
            answer._content = content.encode()
        return answer


def walk(
    *script: tuple[int, str], credentials: Credentials | None = ANN, consent: str = "", url: str = PARTNER
):
    browser = Scripted(script=list(script), consent_origin=consent)
    assert browser.walk(url, until=DONE, credentials=credentials) == DONE
    return browser


def refusal(*script: tuple[int, str], **arguments: Any) -> Refusal:
    with pytest.raises(LoginRefusedError) as raised:
        walk(*script, **arguments)
    return raised.value.refusal


def test_a_login_in_two_steps_is_filled_in():
    browser = walk((200, NAME), (200, PASSWORD), (302, DONE))
    assert browser.sent == [{"login": "ann"}, {"pw": "pw"}]


def test_consent_is_granted_only_at_the_origin_that_the_caller_names():
    """A page of the host that offers to link accounts has such a button, too."""
    browser = walk((200, BOTH), (200, CONSENT), (302, DONE), consent=f"{PARTNER}/authorize")
    assert browser.sent[1] == {"answer": "accept"}
    assert [hop.what for hop in browser.hops] == ["page", "login form", "consent"]
    assert refusal((200, BOTH), (200, CONSENT)) is Refusal.CONSENT
    script = ((200, BOTH), (302, f"{HOST}/link"), (200, CONSENT))
    assert refusal(*script, consent=PARTNER) is Refusal.CONSENT


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (((200, BOTH), (200, BOTH)), Refusal.CREDENTIALS_REJECTED),
        (((200, BOTH), (401, BOTH)), Refusal.CREDENTIALS_REJECTED),
        (((200, NAME), (200, NAME)), Refusal.CREDENTIALS_REJECTED),
        (((200, NAME), (200, PASSWORD), (200, NAME)), Refusal.CREDENTIALS_REJECTED),
        (((200, PASSWORD),), Refusal.UNKNOWN_FORM),
        (((200, BOTH), (200, CODE)), Refusal.UNKNOWN_FORM),
        (((200, BOTH), (200, PROFILE)), Refusal.UNKNOWN_FORM),
        (((200, BOTH), (200, "<p>Sorry</p>")), Refusal.PAGE),
        (((400, "<p>redirect_uri did not match</p>"),), Refusal.PAGE),
    ],
)
def test_why_a_walk_ends(script, expected):
    assert refusal(*script) is expected


def test_a_login_form_without_credentials_ends_the_walk():
    assert refusal((200, BOTH), credentials=None) is Refusal.CREDENTIALS_MISSING
