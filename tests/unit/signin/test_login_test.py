"""The result of a test login: masked values, expectations and mapping results."""

import pytest

from builders.partners import partner
from builders.signin_specs import oidc_provider, saml_provider
from partnergate.model.partner import Identity, RoleGrant, Stage
from partnergate.signin.login_test import (
    expected_of,
    mapped_claims,
    mappings,
    masked,
    shown,
    stage_note,
    subject_claim,
)
from partnergate.signin.observations import Arrived


@pytest.mark.parametrize(
    ("value", "shown_as"),
    [
        ("", ""),
        ("ann@acme.example", "a***@acme.example"),
        ("00u1f7k2", "0*** (8 characters)"),
        ("x", "*** (1 character)"),
        ("a@b", "a*** (3 characters)"),
    ],
)
def test_a_value_is_masked(value, shown_as):
    assert masked(value) == shown_as


def test_only_protocol_claims_are_shown_unmasked():
    found = {
        c.name: c.value
        for c in shown(
            (Arrived(name="iss", values=("https://x",)), Arrived(name="sub", values=("secret-1",)))
        )
    }
    assert found == {"iss": "https://x", "sub": "s*** (8 characters)"}


def test_a_claim_that_contains_others_is_shown_by_these():
    arrived = (
        Arrived(name="profile", values=('{"mail":"a"}',)),
        Arrived(name="profile.mail", values=("a@b.c",)),
    )
    assert [claim.name for claim in shown(arrived)] == ["profile.mail"]


def test_an_attribute_is_received_under_its_friendly_name():
    """Keycloak compares the name in the partner file with both."""
    mail = Arrived(name="urn:oid:0.9.2342.19200300.100.1.3", values=("a@b.c",), friendly_name="mail")
    rows = mappings(
        Identity(subject="sub", email="mail"),
        subject="sub",
        arrived=(mail,),
        user={"email": "a@b.c"},
        roles=frozenset(),
        partner_id="acme",
    )
    assert {row.field: row.arrived for row in rows}["email"] is True


def test_every_claim_that_the_host_uses_is_mapped():
    identity = Identity(
        subject="oid",
        email="mail",
        attributes=(("department", "dept"),),
        roles=(RoleGrant(when=(("groups", "a"),), grant="admin"),),
    )
    assert mapped_claims(oidc_provider(identity=identity)) == {"oid", "mail", "dept", "groups"}


def test_repeated_attributes_are_merged_into_one_row():
    twice = (Arrived(name="Role", values=("admin",)), Arrived(name="Role", values=("user",)))
    assert [(c.name, c.value) for c in shown(twice)] == [("Role", "a*** (5 characters), u*** (4 characters)")]


@pytest.mark.parametrize(
    ("stage", "note"),
    [
        (Stage.LIVE, ""),
        (Stage.STAGING, "it is not deployed to production"),
        (Stage.DRAFT, "it is not deployed to production"),
        (Stage.SUSPENDED, "the realm refuses its logins"),
        (Stage.RETIRED, "the realm refuses its logins"),
    ],
)
def test_a_stage_that_prevents_logins_is_reported(stage, note):
    """Otherwise the reason for a suspended partner's failed test is not visible."""
    found = stage_note(partner("acme", stage=stage), "production", (Stage.LIVE,))
    assert found.endswith(note)
    assert bool(found) == bool(note)


def test_expectations_come_from_the_partner_file():
    expected = expected_of(
        saml_provider(), realm_url="https://id.host.example/realms/host", endpoint="https://e"
    )
    assert (expected.audience, expected.recipient) == ("https://id.host.example/realms/host", "https://e")
    assert (expected.required, subject_claim(saml_provider())) == (("NameID",), "NameID")
    gated = oidc_provider(identity=Identity(subject="sub", email_domains=("acme.example",)))
    assert expected_of(gated, realm_url="r", endpoint="e").required == ("sub", "email")


def test_a_mapping_shows_the_received_claim_and_the_result():
    identity = Identity(
        subject="sub",
        attributes=(("department", "dept"),),
        roles=(RoleGrant(when=(("groups", "a"),), grant="admin"),),
    )
    rows = {
        m.field: (m.arrived, m.result)
        for m in mappings(
            identity,
            subject="sub",
            arrived=(Arrived(name="sub", values=("u-1",)), Arrived(name="dept", values=("",))),
            user={"username": "acme.u-1"},
            roles=frozenset(),
            partner_id="acme",
        )
    }
    assert rows["username"] == (True, "a*** (8 characters)")
    assert rows["department"] == (False, "")
    assert rows["role admin"] == (False, "not granted")
    assert rows["partner_id"] == (True, "acme")
