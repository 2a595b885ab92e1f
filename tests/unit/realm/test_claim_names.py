"""A claim name that is a URL is one name in the file and an escaped path in the realm."""

from __future__ import annotations

import dataclasses
import json

import pytest

from builders.partners import oidc, partner, saml
from builders.realms import desired
from partnergate.language.building.partners import identity
from partnergate.realm.mappers.claims import claim_name, claim_path
from partnergate.realm.mappers.kind import Mapper, NotExpressible
from partnergate.realm.mappers.mapper_kinds import desired_mappers, imported
from partnergate.realm.subject import identifiers

URL = "https://corp.net/claims/dept"
PATH = r"https://corp\.net/claims/dept"


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (URL, PATH),
        (r"https://corp\.net/a\.b", r"https://corp\.net/a\.b"),
        ("realm_access.roles", "realm_access.roles"),
        (r"a\.b", r"a\.b"),
        ("sub", "sub"),
        ("urn:oid:2.5.4.42", "urn:oid:2.5.4.42"),
    ],
)
def test_only_urls_are_escaped(name, path):
    assert claim_path(name) == path


@pytest.mark.parametrize("name", [URL, "realm_access.roles", r"a\.b", "sub", "http://x.y.z"])
def test_import_reverses_the_path(name):
    assert claim_name(claim_path(name)) == name


def test_a_url_without_escaped_dots_is_no_name():
    """To Keycloak it is a nested path, so importing it as the URL would change who matches."""
    assert claim_name(URL) is None


@pytest.mark.parametrize(
    ("type_name", "config", "imported"),
    [
        (
            "oidc-user-attribute-idp-mapper",
            {"claim": PATH, "user.attribute": "d"},
            {"attributes": {"d": URL}},
        ),
        ("oidc-user-attribute-idp-mapper", {"claim": PATH, "user.attribute": "email"}, {"email": URL}),
        (
            "saml-user-attribute-idp-mapper",
            {"attribute.name": URL, "user.attribute": "d"},
            {"attributes": {"d": URL}},
        ),
        (
            "oidc-username-idp-mapper",
            {"template": f"${{CLAIM.{PATH}}}", "target": "BROKER_ID"},
            {"subject": URL},
        ),
        (
            "saml-username-idp-mapper",
            {"template": f"${{ATTRIBUTE.{URL}}}", "target": "BROKER_ID"},
            {"subject": URL},
        ),
        (
            "oidc-advanced-role-idp-mapper",
            {
                "claims": json.dumps([{"key": PATH, "value": "x"}]),
                "are.claim.values.regex": "false",
                "role": "boss",
            },
            {"roles": [{"when": {URL: "x"}, "grant": "boss"}]},
        ),
    ],
)
def test_a_mapper_of_a_realm_is_imported_with_the_plain_url(type_name, config, imported):
    assert _imported(type_name, config) == imported


@pytest.mark.parametrize(
    ("type_name", "config"),
    [
        ("oidc-user-attribute-idp-mapper", {"claim": URL, "user.attribute": "d"}),
        ("oidc-username-idp-mapper", {"template": f"${{CLAIM.{URL}}}", "target": "BROKER_ID"}),
        (
            "oidc-advanced-role-idp-mapper",
            {"claims": json.dumps([{"key": URL, "value": "x"}]), "role": "boss"},
        ),
    ],
)
def test_a_mapper_with_an_unescaped_url_is_not_imported_as_the_url(type_name, config):
    assert isinstance(_imported(type_name, config), NotExpressible)


def _imported(type_name, config):
    return imported(Mapper(name="m", type=type_name, config=config))


WRITTEN = {
    "subject": URL,
    "email": "https://corp.net/claims/mail",
    "attributes": {"department": URL, "nested": "a.b"},
    "roles": [{"when": {"https://corp.net/roles": "admin"}, "grant": "boss"}],
}


@pytest.mark.parametrize(("sign_in", "escaped"), [(oidc("acme"), True), (saml("acme"), False)])
def test_every_mapper_has_the_path_that_its_protocol_reads(sign_in, escaped):
    """SAML compares the whole name of an attribute."""
    spec = partner("acme", sign_in=sign_in)
    mappers = desired_mappers(spec, dataclasses.replace(spec.providers[0], identity=identity(WRITTEN)))
    texts = [value for one in mappers for value in one.config.values() if "corp" in value]
    assert len(texts) >= 4
    assert all((r"corp\\.net" in text or r"corp\.net" in text) is escaped for text in texts)
    assert any(one.config.get("claim", one.config.get("attribute.name")) == "a.b" for one in mappers)


@pytest.mark.parametrize("sign_in", [oidc("acme"), saml("acme")])
def test_the_mappers_of_a_file_are_imported_as_its_names(sign_in):
    spec = partner("acme", sign_in=sign_in)
    mappers = desired_mappers(spec, dataclasses.replace(spec.providers[0], identity=identity(WRITTEN)))
    found = [imported(one) for one in mappers]
    assert not [one for one in found if isinstance(one, NotExpressible)]
    assert {"attributes": {"department": URL}} in found
    assert {"roles": WRITTEN["roles"]} in found


def test_the_identifier_of_linked_users_is_the_name_in_the_file():
    """Otherwise the plan would report another subject for the same users."""
    spec = partner("acme", sign_in=oidc("acme"))
    spec = dataclasses.replace(
        spec, providers=(dataclasses.replace(spec.providers[0], identity=identity({"subject": URL})),)
    )
    found = identifiers(desired(spec).resources, [spec.providers[0].alias])
    assert [one.subject for one in found.values()] == [URL]


def test_the_domain_check_of_a_provider_names_the_claim_itself():
    """Keycloak looks the filter claim up by its whole name."""
    values = {"subject": "sub", "email": "https://corp.net/mail", "email_domains": ["acme.example"]}
    spec = partner("acme", sign_in=oidc("acme"))
    spec = dataclasses.replace(
        spec, providers=(dataclasses.replace(spec.providers[0], identity=identity(values)),)
    )
    named = [one.fields.get("config.claimFilterName") for one in desired(spec).resources]
    assert [name for name in named if name] == ["https://corp.net/mail"]
