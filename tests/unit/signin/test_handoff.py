"""The hand-off sheet contains the exact values that Keycloak compares."""

from builders.partners import partner
from builders.signin_specs import oidc_provider, realm, saml_provider
from partnergate.model.partner import Identity, ProviderSpec, RoleGrant
from partnergate.signin.handoff import handoff

ENDPOINT = "https://id.host.example/realms/host/broker/acme/endpoint"


def settings(spec):
    (provider,) = handoff(realm(), spec).providers
    return {s.label: s.value for s in provider.settings}


def test_an_oidc_partner_gets_the_redirect_uri_of_its_own_alias():
    sheet = settings(partner("acme"))
    assert sheet["Redirect URI"] == ENDPOINT
    assert sheet["Client ID"] == "host-app"
    assert sheet["PKCE"] == "S256"


def test_a_saml_partner_gets_acs_metadata_and_the_audience():
    sheet = settings(partner("acme", providers=(saml_provider("acme"),)))
    assert sheet["Assertion consumer service (ACS) URL"] == ENDPOINT
    assert sheet["Service provider metadata"] == ENDPOINT + "/descriptor"
    assert sheet["Entity ID (audience)"] == "https://id.host.example/realms/host"


def test_the_sheet_shows_a_custom_audience():
    sheet = settings(partner("acme", providers=(saml_provider("acme", sp_entity_id="urn:host:acme"),)))
    assert sheet["Entity ID (audience)"] == "urn:host:acme"


def test_the_sheet_lists_every_claim_of_the_partner_file():
    identity = Identity(
        subject="oid",
        email="mail",
        email_domains=("acme.example",),
        attributes=(("department", "dept"),),
        roles=(RoleGrant(when=(("groups", "admins"),), grant="workspace-admin"),),
    )
    (provider,) = handoff(realm(), partner("acme", providers=(oidc_provider(identity=identity),))).providers
    assert {c.name: c.required for c in provider.claims} == {
        "oid": True,
        "mail": True,
        "dept": False,
        "groups": False,
    }


def test_an_email_is_required_only_with_allowed_domains():
    (provider,) = handoff(realm(), partner("acme")).providers
    assert {c.name: c.required for c in provider.claims} == {"sub": True, "email": False}


def test_a_retired_provider_is_omitted():
    old = oidc_provider("acme-old")
    old = ProviderSpec(alias=old.alias, sign_in=old.sign_in, identity=old.identity, retired=True)
    sheet = handoff(realm(), partner("acme", providers=(old, oidc_provider("acme"))))
    assert [p.alias for p in sheet.providers] == ["acme"]


def test_the_launch_link_requires_a_launch_service():
    sheet = handoff(realm(), partner("acme"), launch_base_url="https://go.host.example/")
    assert sheet.launch_url == "https://go.host.example/launch/acme"
    assert handoff(realm(), partner("acme")).launch_url == ""
