"""What a test login shows of a person: enough to recognise, too little to learn."""

import pytest

from builders.partners import partner
from builders.signin_specs import oidc_provider, saml_provider
from partnergate.model.partner import Identity, RoleGrant, Stage
from partnergate.signin.observations import Arrived
from partnergate.signin.trial import expected_of, mappings, masked, shown, stage_note, subject_claim


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("", ""),
        ("ann@acme.example", "a***@acme.example"),
        ("00u1f7k2", "0*** (8 characters)"),
        ("x", "*** (1 character)"),
        ("a@b", "a*** (3 characters)"),
    ],
)
def test_a_value_is_masked(value, seen):
    assert masked(value) == seen


def test_only_claims_of_the_protocol_are_shown_as_they_are():
    found = {
        c.name: c.value
        for c in shown(
            (Arrived(name="iss", values=("https://x",)), Arrived(name="sub", values=("secret-1",)))
        )
    }
    assert found == {"iss": "https://x", "sub": "s*** (8 characters)"}


def test_an_attribute_that_is_sent_once_for_each_value_is_one_row():
    twice = (Arrived(name="Role", values=("admin",)), Arrived(name="Role", values=("user",)))
    assert [(c.name, c.value) for c in shown(twice)] == [("Role", "a*** (5 characters), u*** (4 characters)")]


@pytest.mark.parametrize(
    ("stage", "note"),
    [
        (Stage.LIVE, ""),
        (Stage.STAGING, "nothing of it is deployed to production"),
        (Stage.DRAFT, "nothing of it is deployed to production"),
        (Stage.SUSPENDED, "the realm refuses its logins"),
        (Stage.RETIRED, "the realm refuses its logins"),
    ],
)
def test_a_stage_that_keeps_everybody_out_is_named(stage, note):
    """Without it a suspended partner's test fails for no reason that anybody could find."""
    words = stage_note(partner("acme", stage=stage), "production", (Stage.LIVE,))
    assert words.endswith(note)
    assert bool(words) == bool(note)


def test_what_a_provider_must_say_comes_from_the_file():
    expected = expected_of(
        saml_provider(), realm_url="https://id.host.example/realms/host", endpoint="https://e"
    )
    assert (expected.audience, expected.recipient) == ("https://id.host.example/realms/host", "https://e")
    assert (expected.needed, subject_claim(saml_provider())) == (("NameID",), "NameID")
    gated = oidc_provider(identity=Identity(subject="sub", email_domains=("acme.example",)))
    assert expected_of(gated, realm_url="r", endpoint="e").needed == ("sub", "email")


def test_a_mapping_says_what_arrived_and_what_became_of_it():
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
    assert rows["user name"] == (True, "a*** (8 characters)")
    assert rows["department"] == (False, "")
    assert rows["role admin"] == (False, "not granted")
    assert rows["partner_id"] == (True, "acme")
