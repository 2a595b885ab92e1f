"""Forged, replayed and misdirected SAML messages are refused and recorded."""

import base64

import pytest
import requests

from hostile.arena import SAML
from hostile.saml import SAML as SAML_NAMESPACE
from hostile.saml import AuthnRequest, Signed, saml_key
from hostile.signature_wrapping import WRAPPINGS
from partnergate.login.browser import Browser

pytestmark = pytest.mark.integration
INVALID = ("IDENTITY_PROVIDER_RESPONSE_ERROR", "invalid_saml_response")


@pytest.mark.parametrize("signed", [Signed.ASSERTION, Signed.BOTH])
def test_a_valid_saml_response_is_accepted(ring, enter, signed):
    """The control for every attack below: only the modified part causes the refusal."""
    ring.saml(signed=signed, name_id="u-1")
    login = enter(SAML)
    assert (login.partner_id, login.claims["preferred_username"]) == (SAML, f"{SAML}.u-1")


@pytest.mark.parametrize("name", sorted(WRAPPINGS))
def test_signature_wrapping_is_refused(ring, refused, name):
    signed, bend = WRAPPINGS[name]
    ring.saml(signed=signed, after_signing=bend)
    _, event = refused(SAML)
    assert event["error"] in {"invalid_signature", "invalid_saml_response"}


@pytest.mark.parametrize("signed", [Signed.NOTHING, Signed.RESPONSE])
def test_an_unsigned_assertion_is_refused(ring, refused, signed):
    ring.saml(signed=signed)
    _, event = refused(SAML)
    assert event["error"] == "invalid_signature"


def _remove_signature(root):
    for signature in list(root.iter("{http://www.w3.org/2000/09/xmldsig#}Signature")):
        signature.getparent().remove(signature)


def _rename_subject(root):
    next(root.iter(f"{{{SAML_NAMESPACE}}}NameID")).text = "victim"


def _comment_in_subject(root):
    """The subject "u-1<!-- -->2" must not be read as "u-1" (CVE-2018-0489 and similar)."""
    name_id = next(root.iter(f"{{{SAML_NAMESPACE}}}NameID"))
    name_id.text = "vic"
    comment = root.makeelement("x")
    name_id.append(comment)
    comment.tail = "tim"


@pytest.mark.parametrize("bend", [_remove_signature, _rename_subject, _comment_in_subject])
def test_a_message_modified_after_signing_is_refused(ring, refused, bend):
    ring.saml(after_signing=bend)
    _, event = refused(SAML)
    assert event["error"] in {"invalid_signature", "invalid_saml_response"}


def test_a_key_outside_the_partner_file_is_refused(ring, refused):
    ring.saml(key=saml_key())
    _, event = refused(SAML)
    assert event["error"] == "invalid_signature"


@pytest.mark.parametrize(
    "bent",
    [
        {"audience": "https://another.example"},
        {"recipient": "https://another.example/acs"},
        {"destination": "https://another.example/acs"},
        {"in_response_to": "_another-request"},
        {"clock": -3600.0},
        {"clock": 3600.0},
        {"entity_id": "https://another.idp.example"},
    ],
    ids=lambda bent: next(iter(bent)) + str(next(iter(bent.values())))[:5],
)
def test_a_misdirected_or_expired_response_is_refused(ring, refused, bent):
    ring.saml(**bent)
    _, event = refused(SAML)
    assert (event["type"], event["error"]) == INVALID


def test_a_signed_assertion_in_a_response_with_an_error_status_is_refused(ring, refused):
    """The partner refuses the login itself, so Keycloak writes no event."""
    ring.saml(status="urn:oasis:names:tc:SAML:2.0:status:Responder")
    page, _ = refused(SAML)
    assert "did not complete the sign-in" in page


def test_a_response_without_our_request_is_refused(ring, refused):
    """A response must name its request. Otherwise it could be injected into any browser."""
    ring.saml(in_response_to=None, before_signing=_forget_the_request)
    _, event = refused(SAML)
    assert (event["type"], event["error"]) == INVALID


def _forget_the_request(root):
    for element in root.iter():
        element.attrib.pop("InResponseTo", None)


def test_a_replayed_response_is_refused(ring, enter, refused):
    script = ring.saml()
    enter(SAML)
    ring.forget_users()
    ring.saml(fixed=script.sent[0])
    _, event = refused(SAML)
    assert (event["type"], event["error"]) == INVALID


def test_an_unsolicited_response_is_refused(ring):
    """There was no request: no RelayState, no cookie, only a valid signature."""
    acs = f"{ring.app.issuer}/broker/{SAML}/endpoint"
    script = ring.saml()
    value = script.response(AuthnRequest(request_id="", acs=acs, issuer=ring.app.issuer))
    answer = requests.post(acs, data={"SAMLResponse": value}, allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert ring.users() == []
    assert (ring.last_error()["type"], ring.last_error()["error"]) == ("LOGIN_ERROR", "invalid_saml_response")


def test_an_unsolicited_response_to_a_client_address_is_refused(ring):
    acs = f"{ring.app.issuer}/broker/{SAML}/endpoint/clients/host-app"
    value = ring.saml().response(AuthnRequest(request_id="", acs=acs, issuer=ring.app.issuer))
    answer = requests.post(acs, data={"SAMLResponse": value}, allow_redirects=False, timeout=10)
    assert answer.status_code >= 400
    assert ring.users() == []


def test_a_doctype_with_an_entity_is_refused(ring, refused):
    script = ring.saml()

    def with_entity(request):
        right = base64.b64decode(type(script).response(script, request)).decode()
        text = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + right.replace(">u-1<", ">&e;<")
        return base64.b64encode(text.encode()).decode()

    class Entity(type(script)):
        def response(self, request):
            return with_entity(request)

    bent = Entity(entity_id=script.entity_id, key=script.key)
    ring.servers[SAML].script = bent
    _, event = refused(SAML)
    assert (event["type"], event["error"]) == INVALID


def test_a_response_for_one_browser_is_refused_in_another(ring, refused):
    """Login CSRF: the attacker's response, posted by the victim's browser."""
    ring.saml(name_id="attacker")
    caught = []

    def catch(form):
        if any(name == "SAMLResponse" for name, _ in form.fields):
            caught.append(form)
            return form.filled({"SAMLResponse": ""})
        return form

    attacker = Browser(on_form=catch)
    refused(SAML, attacker)
    victim = Browser()
    answer = victim.send(caught[0])
    assert answer.status_code >= 400
    newest = ring.last_error()
    assert (newest["type"], newest["error"]) == ("IDENTITY_PROVIDER_LOGIN_ERROR", "cookie_not_found")
    assert ring.users() == []
