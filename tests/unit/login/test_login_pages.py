"""The page parser of the headless login."""

from __future__ import annotations

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
    filled = form.filled(username="bo", password="pw")
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
