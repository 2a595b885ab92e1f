"""What a recorded document publishes is compared with what the host does, at the element that publishes it."""

from __future__ import annotations

import json
import re

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.valid_partner_files import OIDC, SAML
from partnergate.language.folder import Folder, read_folder
from partnergate.language.recorded.metadata import parsed_metadata
from partnergate.language.validate import validated

BASE = read_folder(WORKSPACE)
METADATA = BASE.partners["globex.idp-metadata.xml"].decode()
METADATA = METADATA.replace("idp.globex.example/saml/metadata", "idp.acme.example/id")
ROLE = '<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"'
SSO = '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="%s"/>'
SLO = SSO.replace("SignOn", "Logout")
RECORDED = SAML.replace("  sso_url: https://idp.acme.example/sso\n", "").replace(
    "  metadata: {url: https://idp.acme.example/metadata}", "  metadata: {file: acme.idp-metadata.xml}"
)


def problems(text, name, content):
    partners = {"acme.yaml": text.encode(), name: content.encode()}
    return validated(Folder(partners=partners, templates=BASE.templates), today=TODAY, variables={})


def saml(content, text=RECORDED):
    return problems(text, "acme.idp-metadata.xml", content)


def oidc(extra="", /, **fields):
    document = {"issuer": "https://login.acme.example", **fields}
    text = OIDC.replace("  pkce: true", f"  discovery: {{file: acme.openid-configuration.json}}\n{extra}")
    return problems(text, "acme.openid-configuration.json", json.dumps(document))


def pointed_at(one, content):
    return content.splitlines()[one.span.line - 1][one.span.column - 1 : one.span.end_column - 1]


def with_sso(*services):
    return re.sub(r"<md:SingleSignOnService[^>]*/>", "\n".join(services), METADATA)


def test_metadata_without_limits_has_no_problem():
    assert saml(METADATA) == ()


@pytest.mark.parametrize(
    ("before", "tag"),
    [(ROLE, "<md:IDPSSODescriptor"), ("<md:EntityDescriptor", "<md:EntityDescriptor")],
)
@pytest.mark.parametrize(
    "until", ["2026-11-23T23:59:59Z", "2019-01-01T00:00:00", "2019-01-01T00:00:00+02:00"]
)
def test_expired_metadata_is_reported_at_the_element_that_expired(before, tag, until):
    content = METADATA.replace(before, f'{before} validUntil="{until}"')
    (found,) = saml(content)
    assert (found.code, pointed_at(found, content)) == ("PG171", tag)


def test_the_expiry_of_a_group_applies_to_its_entities():
    inner = METADATA.partition("?>")[2].strip()
    group = '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" validUntil="2020-01-01T00:00:00Z">'
    (found,) = saml(f"{group}{inner}</md:EntitiesDescriptor>")
    assert found.code == "PG171"


@pytest.mark.parametrize("until", ["2026-11-24T00:00:00Z", "2027-01-01T00:00:00Z", "soon"])
def test_metadata_that_is_valid_or_has_no_date_is_not_expired(until):
    assert saml(METADATA.replace(ROLE, f'{ROLE} validUntil="{until}"')) == ()


def test_a_saml_1_role_is_refused_with_its_protocol():
    old = METADATA.replace("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.1:protocol")
    (found, *_) = saml(old)
    assert found.code == "PG032"
    assert "SAML:1.1" in found.message


def test_a_saml_2_role_beside_a_saml_1_role_is_used():
    role = METADATA[METADATA.index("<md:IDPSSO") : METADATA.index("</md:EntityDescriptor")]
    old = role.replace("SAML:2.0:protocol", "SAML:1.1:protocol").replace("/saml/sso", "/old")
    assert [one.sso.url for one in parsed_metadata(METADATA.replace(role, old + role).encode())] == [
        "https://idp.globex.example/saml/sso"
    ]


@pytest.mark.parametrize("binding", ["HTTP-Artifact", "SOAP", "PAOS"])
def test_a_sign_on_service_without_a_usable_binding_is_the_only_problem(binding):
    content = METADATA.replace("HTTP-POST", binding)
    (found,) = saml(content)
    assert (found.code, pointed_at(found, content)) == ("PG172", "<md:SingleSignOnService")
    assert binding in found.message


def test_the_first_of_several_locations_is_used_and_reported():
    content = with_sso(SSO % "https://idp.acme.example/a", SSO % "https://idp.acme.example/b")
    (found,) = saml(content)
    assert (found.code, found.span.line) == ("PG173", content[: content.index("/b")].count("\n") + 1)
    assert "https://idp.acme.example/a, is used" in found.message
    written = RECORDED.replace(
        "  protocol: saml\n", "  protocol: saml\n  sso_url: https://idp.acme.example/b\n"
    )
    assert saml(content, written) == ()


def test_a_response_location_is_reported():
    slo = (SLO % "https://idp.acme.example/slo").replace(
        "/>", ' ResponseLocation="https://idp.acme.example/back"/>'
    )
    (found,) = saml(with_sso(slo, SSO % "https://idp.acme.example/sso"))
    assert found.code == "PG173"
    assert "https://idp.acme.example/back" in found.message


def test_a_signing_key_without_certificate_is_reported():
    bare = re.sub(r"<ds:X509Data>.*?</ds:X509Data>", "<ds:KeyValue/>", METADATA)
    found = saml(bare)
    assert {one.code for one in found} == {"PG172", "PG116"}
    assert "KeyValue" in next(one.message for one in found if one.code == "PG172")
    key = METADATA[METADATA.index("<md:KeyDescriptor") : METADATA.index("<md:SingleSign")]
    bare_key = re.sub(r"<ds:X509Data>.*?</ds:X509Data>", "<ds:KeyName>k</ds:KeyName>", key)
    (found,) = saml(METADATA.replace(key, key + bare_key))
    assert (found.code, "KeyName" in found.message) == ("PG173", True)


def test_pem_lines_inside_a_certificate_element_are_read():
    pem = METADATA.replace("X509Certificate>MII", "X509Certificate>-----BEGIN CERTIFICATE-----\nMII")
    pem = pem.replace("</ds:X509Certificate>", "\n-----END CERTIFICATE-----\n</ds:X509Certificate>")
    assert pem != METADATA
    assert saml(pem) == ()
    assert parsed_metadata(pem.encode())[0].certificates == parsed_metadata(METADATA.encode())[0].certificates


def test_a_position_is_that_of_the_element_and_not_of_the_first_equal_text():
    """The logout service has the URL too, and it comes first."""
    url = "http://idp.acme.example/same"
    content = with_sso(SLO % f"{url}/logout", SSO % url)
    found = [one for one in saml(content) if one.code == "PG118"]
    assert [pointed_at(one, content) for one in found] == [
        "<md:SingleLogoutService",
        "<md:SingleSignOnService",
    ]


@pytest.mark.parametrize(
    ("extra", "fields", "words"),
    [
        ("", {"code_challenge_methods_supported": ["plain"]}, "PKCE with plain"),
        (
            "",
            {"response_types_supported": ["id_token", "code id_token"]},
            "id_token, code id_token, not code",
        ),
        (
            "",
            {"require_pushed_authorization_requests": True},
            "require_pushed_authorization_requests is true",
        ),
        ("", {"require_signed_request_object": True}, "require_signed_request_object is true"),
        ("", {"token_endpoint_auth_methods_supported": ["client_secret_jwt"]}, "supports client_secret_jwt"),
        (
            "  client_authentication: private_key_jwt",
            {"token_endpoint_auth_signing_alg_values_supported": ["EdDSA"]},
            "EdDSA at the token endpoint, not RS256",
        ),
    ],
)
def test_a_configuration_that_the_host_cannot_serve_is_rejected(extra, fields, words):
    found = [one for one in oidc(extra, **fields) if one.code != "PG132"]
    assert [one.code for one in found] == ["PG163"]
    assert words in found[0].message


@pytest.mark.parametrize(
    ("extra", "fields"),
    [
        ("", {"code_challenge_methods_supported": ["plain", "S256"]}),
        ("", {"code_challenge_methods_supported": []}),
        ("", {"response_types_supported": ["id_token", "code"]}),
        ("", {"require_pushed_authorization_requests": False}),
        ("", {"require_pushed_authorization_requests": None, "scopes_supported": None}),
        ("", {"token_endpoint_auth_signing_alg_values_supported": ["EdDSA"]}),
        ("", {"scopes_supported": ["email"]}),
    ],
)
def test_a_configuration_that_allows_what_the_host_does_is_accepted(extra, fields):
    assert oidc(extra, **fields) == ()


def test_a_method_that_the_language_refuses_is_never_advised():
    (found,) = oidc(token_endpoint_auth_methods_supported=["none", "client_secret_jwt", "client_secret_post"])
    assert found.hint.startswith("set client_authentication to client_secret_post;")
    (found,) = oidc(token_endpoint_auth_methods_supported=["none", "client_secret_jwt"])
    assert found.hint.startswith("ask the partner")


def test_a_scope_that_the_partner_does_not_list_is_a_warning():
    (found,) = oidc(scopes_supported=["openid", "profile"])
    assert (found.code, str(found.severity)) == ("PG174", "warning")
    assert "email" in found.message
