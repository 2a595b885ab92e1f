"""The page parser of the headless login."""

from __future__ import annotations

import pytest

from partnergate.login.pages import read_page

LOGIN = """
<!doctype html><html><head><title>Sign in &amp; go</title><script>var x = "<form>";</script></head><body>
<div id="input-error">Invalid username<br> or password.</div><p>Other text</p>
<form action="/login?tab=1" method="post">
  <input name="username" value="ann"><input type="password" name="password">
  <input type="checkbox" name="rememberMe"><input type="hidden" name="credentialId" value="">
  <button name="login" value="go">Go</button>
</form></body></html>
"""
SAML = """
<form method="POST" action="https://idp.example/acs">
<input type="hidden" name="SAMLResponse" value="PHg+&#10;"/><input type="hidden" name="RelayState" value="r"/>
</form>
"""


def test_a_login_form_is_recognized_and_filled() -> None:
    page = read_page("https://id.example/realms/a/auth?x=1", 200, LOGIN)
    (form,) = page.forms
    assert form.asks_password
    assert not form.carries_saml
    assert form.action == "https://id.example/login?tab=1"
    filled = form.filled({"username": "bo", "password": "pw"}).pressed()
    assert dict(filled.fields) == {
        "username": "bo",
        "password": "pw",
        "credentialId": "",
        "login": "go",
    }


def test_the_error_message_is_separated_from_the_rest_of_the_page() -> None:
    page = read_page("https://id.example/", 200, LOGIN)
    assert page.message == "Invalid username or password."
    assert page.title == "Sign in & go"
    assert "Other text" in page.text
    assert "var x" not in page.text


def test_a_saml_post_keeps_every_field_in_order() -> None:
    (form,) = read_page("https://id.example/", 200, SAML).forms
    assert form.carries_saml
    assert form.fields == (("SAMLResponse", "PHg+\n"), ("RelayState", "r"))


def test_an_unchecked_box_is_not_submitted() -> None:
    (form,) = read_page("https://id.example/", 200, LOGIN).forms
    assert "rememberMe" not in dict(form.fields)


def test_a_form_without_action_is_submitted_to_its_page() -> None:
    (form,) = read_page("https://id.example/here?x=1", 200, "<form><input name=a></form>").forms
    assert form.action == "https://id.example/here?x=1"
    assert form.method == "GET"


PARTNER_FORMS = {
    "oidc-provider": (
        (
            '<form method="post"><input type="hidden" name="prompt" value="login">'
            '<input required type="text" name="login"><input type="password" name="password">'
            "<button type=submit>Sign-in</button></form>"
        ),
        "login",
    ),
    "only text field": ('<form><input name="kennung"><input type="password" name="pw"></form>', "kennung"),
    "autocomplete": (
        (
            '<form><input name="tenant"><input name="x1" autocomplete="section-a username">'
            '<input type="password" name="pw"></form>'
        ),
        "x1",
    ),
    "two unknown fields": (
        '<form><input name="tenant"><input name="code"><input type="password" name="pw"></form>',
        None,
    ),
    "hidden user name": (
        '<form><input type="hidden" name="username" value="ann"><input type="password" name="pw"></form>',
        None,
    ),
}


@pytest.mark.parametrize(("html", "field"), PARTNER_FORMS.values(), ids=PARTNER_FORMS)
def test_the_user_field_of_a_login_form_is_recognized(html: str, field: str | None) -> None:
    (form,) = read_page("https://id.example/", 200, html).forms
    assert form.asks_password
    assert form.user_field == field


def test_a_form_for_the_user_name_alone_has_one_field() -> None:
    """A profile form also has an email field, and must not be submitted."""
    html = """
    <form method="post"><input name="login"><input type="checkbox" name="remember"></form>
    <form method="post"><input name="email"><input name="firstName"></form>
    <form method="get"><input name="user"></form>
    <form method="post"><input name="code"></form>
    """
    forms = read_page("https://id.example/", 200, html).forms
    assert [form.asks_user_name for form in forms] == [True, False, False, False]


CONSENT_FORMS = {
    "name": (
        ('<input type=hidden name=csrf value=1><input type=submit value=Cancel>'
        '<input type=submit name=allow value="Authorize">'),
        (("csrf", "1"), ("allow", "Authorize")),
    ),
    "value": (
        "<button name=answer value=deny>No</button><button name=answer value=accept>Yes</button>",
        (("answer", "accept"),),
    ),
    "text": ("<input type=hidden name=prompt value=consent><button type=submit>Continue</button>",
             (("prompt", "consent"),)),
    "only refusal": ("<button name=answer value=deny>Deny</button>", None),
    "asks for input": ("<input name=code><button name=accept>Accept</button>", None),
}  # fmt: skip


@pytest.mark.parametrize(("html", "sent"), CONSENT_FORMS.values(), ids=CONSENT_FORMS)
def test_only_the_button_that_grants_consent_is_pressed(
    html: str, sent: tuple[tuple[str, str], ...] | None
) -> None:
    (form,) = read_page("https://id.example/", 200, f'<form method="post">{html}</form>').forms
    button = form.consent_button
    assert (None if button is None else form.pressed(button).fields) == sent


def test_a_form_for_a_new_password_is_no_login_form() -> None:
    html = '<form><input type="password" name="password-new"><input type="password" name="confirm"></form>'
    (form,) = read_page("https://id.example/", 200, html).forms
    assert not form.asks_password
