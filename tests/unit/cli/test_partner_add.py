"""partner add with unusual but valid documents writes a file that validates or names what is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from partnergate.cli.exit_codes import ExitCode
from partnergate.cli.main import main

REPOSITORY = Path(__file__).parents[3]
METADATA = (REPOSITORY / "tests/fixtures/diagnostics/workspace/partners/globex.idp-metadata.xml").read_text()
DISCOVERY = {
    "issuer": "https://login.acme.example",
    "authorization_endpoint": "https://login.acme.example/authorize",
    "token_endpoint": "https://login.acme.example/token",
    "jwks_uri": "https://login.acme.example/jwks.json",
}
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return int(done.value.code or 0)


@pytest.fixture
def add(tmp_path: Path, capsys):
    """Add a partner from a document; returns the partner file, and the exit code and output of validate."""
    run("init", tmp_path / "host")

    def go(document: Any, *options: str) -> tuple[str, int, str]:
        content = json.dumps(document) if isinstance(document, dict) else document
        source = tmp_path / "document"
        source.write_bytes(content if isinstance(content, bytes) else content.encode())
        code = run("partner", "add", "newco", "--from", source, "--root", tmp_path / "host", *options)
        if code:
            return "", code, capsys.readouterr().err
        capsys.readouterr()
        code = run("validate", "--root", tmp_path / "host", "--strict")
        return (tmp_path / "host/partners/newco.yaml").read_text(), code, capsys.readouterr().out

    return go


def test_a_configuration_with_null_values(add):
    _, code, out = add({**DISCOVERY, "end_session_endpoint": None, "claims_supported": None})
    assert code == 0, out


def test_only_scopes_that_the_partner_supports_are_requested(add):
    text, code, out = add({**DISCOVERY, "scopes_supported": ["openid", "email"]})
    assert (code, "  scopes: [openid, email]\n" in text) == (0, True), out


def test_no_scopes_are_written_if_the_partner_supports_the_default_ones(add):
    text, _, _ = add({**DISCOVERY, "scopes_supported": ["openid", "email", "profile", "x"]})
    assert "scopes:" not in text


def test_force_replaces_only_the_recorded_document(add, tmp_path):
    """The file may contain contacts, mappings and terms by now."""
    text, _, _ = add(DISCOVERY)
    partners = tmp_path / "host/partners"
    edited = text.replace("stage: draft", "stage: suspended").replace("email: email", "email: mail")
    edited = edited.replace("newco.openid-configuration.json", "newco.recorded.json")
    (partners / "newco.yaml").write_text(edited)
    (partners / "newco.openid-configuration.json").rename(partners / "newco.recorded.json")
    after, code, out = add({**DISCOVERY, "jwks_uri": "https://login.acme.example/new.json"}, "--force")
    assert (code, after) == (0, edited), out
    assert "new.json" in (partners / "newco.recorded.json").read_text()
    assert not (partners / "newco.openid-configuration.json").exists()


def test_a_document_of_another_protocol_is_rejected_with_force(add, tmp_path):
    add(DISCOVERY)
    before = (tmp_path / "host/partners/newco.yaml").read_text()
    _, code, err = add(METADATA, "--force")
    assert code == 64
    assert "has the protocol oidc, but the document is for saml" in err
    assert (tmp_path / "host/partners/newco.yaml").read_text() == before


@pytest.mark.parametrize("name", ["true", "yes", "urn:app:", "-x", "a b", "0815", "app#1", "a: b", "äö"])
def test_any_client_id_is_written_as_text(add, name):
    _, code, out = add(DISCOVERY, "--client-id", name)
    assert code == 0, out


def test_metadata_that_accepts_only_the_redirect_binding(add, tmp_path):
    text, code, out = add(METADATA.replace(POST, REDIRECT))
    assert code == 0, out
    assert "sso_binding" not in text  # the recorded document says it

    from partnergate.language.load import load_workspace

    (tmp_path / "host/partners/newco.yaml").write_text(text.replace("stage: draft", "stage: live"))
    workspace, _ = load_workspace(tmp_path / "host", "production")
    assert workspace is not None
    (sign_in,) = [one.providers[0].sign_in for one in workspace.partners if one.partner == "newco"]
    assert sign_in.sso_binding == "redirect"


def test_metadata_in_utf_16(add):
    text = METADATA.replace('encoding="UTF-8"', 'encoding="UTF-16"').encode("utf-16")
    assert add(text)[1] == 0


def test_metadata_without_persistent_name_ids_adds_a_comment(add):
    format_of = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
    text, code, out = add(
        METADATA.replace(
            "<md:SingleSignOn", f"<md:NameIDFormat>{format_of}</md:NameIDFormat><md:SingleSignOn", 1
        )
    )
    assert code == 0, out
    assert "# The partner supports the NameID formats emailAddress" in text


def test_an_entity_id_selects_from_metadata_of_several_providers(add):
    other = METADATA.split("?>")[-1].replace("https://idp.globex.example", "https://idp.other.example")
    both = (
        '<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">'
        f"{METADATA.split('?>')[-1]}{other}</md:EntitiesDescriptor>"
    )
    _, code, err = add(both)
    assert code == 1
    assert "--entity-id" in err
    entity = next(part for part in other.split('"') if part.startswith("https://idp.other.example"))
    text, code, out = add(both, "--entity-id", entity)
    assert (code, f"entity_id: {entity}" in text) == (0, True), out
    _, code, err = add(both, "--entity-id", "https://idp.unknown.example")
    assert code == 1
    assert entity in err


def test_the_error_for_a_url_without_a_scheme_suggests_https(tmp_path, capsys):
    assert run("partner", "add", "newco", "--from", "login.newco.example", "--root", tmp_path) == 64
    assert "https://login.newco.example" in capsys.readouterr().err


def test_a_link_to_a_missing_file_is_not_written_through(add, tmp_path: Path):
    """A link in a checkout would create a file elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "host/partners").mkdir(exist_ok=True)
    (tmp_path / "host/partners/newco.yaml").symlink_to(elsewhere)
    _, code, shown = add(DISCOVERY)
    assert (code, "existing files" in shown) == (ExitCode.USAGE, True), shown
    assert not elsewhere.exists()


def with_attributes(*attributes: tuple[str, str]) -> str:
    """The metadata with declared attributes, each a name and a friendly name."""
    declared = "".join(
        f'<saml:Attribute xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" Name="{name}" FriendlyName="{friendly}"/>'
        for name, friendly in attributes
    )
    return METADATA.replace("</md:IDPSSODescriptor>", f"{declared}</md:IDPSSODescriptor>")


CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"


@pytest.mark.parametrize(
    ("email", "first", "last"),
    [
        (f"{CLAIMS}emailaddress", f"{CLAIMS}givenname", f"{CLAIMS}surname"),
        ("urn:oid:0.9.2342.19200300.100.1.3", "urn:oid:2.5.4.42", "urn:oid:2.5.4.4"),
        ("mail", "firstName", "sn"),
    ],
)
def test_the_attributes_that_the_metadata_declares_are_used(add, email, first, last):
    text, code, out = add(with_attributes(("department", ""), (email, ""), (first, ""), (last, "")))
    assert code == 0, out
    named = yaml.safe_load(text)["identity"]
    assert (named["email"], named["first_name"], named["last_name"]) == (email, first, last)


def test_a_friendly_name_identifies_an_attribute_but_is_not_written(add):
    text, code, out = add(with_attributes(("urn:x:1", "E-Mail Address"), ("urn:x:2", "givenName")))
    assert code == 0, out
    assert yaml.safe_load(text)["identity"] == {
        "subject": "name_id",
        "email": "urn:x:1",
        "first_name": "urn:x:2",
    }
    assert "# last_name: NAME   # not declared" in text


def test_usual_names_are_marked_as_a_guess_if_nothing_is_declared(add):
    text, _, _ = add(METADATA)
    assert "The metadata declares no attributes." in text
    assert "that the partner sends" not in text


def test_declared_claims_with_other_names_are_used(add):
    text, _, _ = add({**DISCOVERY, "claims_supported": ["sub", "mail", "givenName", "surname", 5, "a b"]})
    named = yaml.safe_load(text)["identity"]
    assert named == {"subject": "sub", "email": "mail", "first_name": "givenName", "last_name": "surname"}


def test_a_declared_name_cannot_add_lines_to_the_file(add):
    text, code, out = add(with_attributes(("x&#10;  roles: [{grant: boss}]", ""), ("mail", "")))
    assert code == 0, out
    assert "boss" not in text
