"""The doctor checks report each fault once, with advice."""

import dataclasses
from datetime import timedelta
from ipaddress import ip_address

import pytest

from hostile.arena import OAUTH2, OIDC, SAML, arena
from hostile.saml import saml_key
from partnergate.doctor.check_results import Verdict
from partnergate.doctor.deployed_secrets import DeployedSecrets, NotSent
from partnergate.doctor.examination import Examiner
from partnergate.doctor.fetching import Fetcher
from partnergate.keycloak.connection import connect
from partnergate.keycloak.credentials import ServiceAccount
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver
from partnergate.model.environment import NetworkPolicy
from partnergate.model.partner import SecretRef, SecretSource
from partnergate.playground.real_clock import now

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def ring(keycloak):
    with arena(keycloak) as made:
        yield made


@pytest.fixture
def examiner(ring):
    return Examiner(
        realm=ring.realm,
        connection=ring.connection,
        fetcher=Fetcher(policy=NetworkPolicy(allow_loopback_http=True), total_seconds=5),
        deployed_secret=lambda _: ring.client_secret,
        now=now,
    )


@pytest.fixture
def look(ring, examiner):
    """Run the checks of one partner, optionally with changed sign-in settings."""

    def go(alias, *, sign_in=None, **examining):
        spec = ring.partners[alias]
        (provider,) = spec.providers
        provider = dataclasses.replace(
            provider, sign_in=dataclasses.replace(provider.sign_in, **(sign_in or {}))
        )
        used = dataclasses.replace(examiner, **examining)
        return used.partners([dataclasses.replace(spec, providers=(provider,))])

    return go


def bad(findings, *, least=Verdict.WARN):
    levels = {Verdict.FAIL} if least is Verdict.FAIL else {Verdict.FAIL, Verdict.WARN}
    return [(f.check, f.verdict) for f in findings if f.verdict in levels]


@pytest.mark.parametrize("alias", [OIDC, OAUTH2, SAML])
def test_all_checks_pass_for_a_correct_partner(ring, look, alias):
    ring.saml() if alias == SAML else ring.oidc(alias)
    sign_in = {"metadata_url": f"{ring.servers[SAML].url}/metadata"} if alias == SAML else None
    found = look(alias, sign_in=sign_in)
    assert bad(found) == []
    assert len(found) >= 4
    assert [f.check for f in found if f.verdict is Verdict.SKIPPED] == []


@pytest.mark.parametrize(
    ("bent", "check", "text"),
    [
        ({"client_secret": "another"}, "oauth.client", "rejects the client"),
        ({"redirect_uris": frozenset()}, "oauth.redirect_uri", "status 400"),
        ({"published": {"issuer": "https://moved.example"}}, "oidc.issuer", "https://moved.example"),
        ({"published": {"token_endpoint": "https://moved.example/t"}}, "oidc.token_url", "moved.example"),
        ({"published": {"jwks_uri": "https://moved.example/k"}}, "oidc.jwks_url", "moved.example"),
        (
            {"published": {"authorization_endpoint": "https://moved.example/a"}},
            "oidc.authorization_url",
            "moved.example",
        ),
        ({"published": {"id_token_signing_alg_values_supported": ["HS256"]}}, "oidc.algorithms", "HS256"),
        ({"authorize_error": "server_error"}, "oauth.redirect_uri", "error=server_error"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_oidc_fault_is_one_failure_with_advice(ring, look, bent, check, text):
    ring.oidc(**bent)
    found = look(OIDC)
    assert bad(found) == [(check, Verdict.FAIL)]
    (failed,) = [f for f in found if f.verdict is Verdict.FAIL]
    assert text in failed.detail
    assert failed.advice


def test_a_user_info_endpoint_without_authentication_is_a_failure(ring, look):
    ring.oidc(OAUTH2, open_userinfo=True)
    assert bad(look(OAUTH2)) == [("oauth2.userinfo", Verdict.FAIL)]


def test_an_unreachable_url_fails_its_check(ring, look):
    ring.oidc()
    found = look(OIDC, sign_in={"jwks_url": "http://localhost:1/jwks"})
    assert ("oidc.keys", Verdict.FAIL) in bad(found)


def test_clock_skew_is_measured(ring, look):
    ring.oidc()
    ahead = look(OIDC, now=lambda: now() - timedelta(seconds=30))
    assert bad(ahead) == [("clock.skew", Verdict.WARN)]
    far = look(OIDC, now=lambda: now() + timedelta(seconds=90))
    assert bad(far) == [("clock.skew", Verdict.FAIL)]


def test_an_unavailable_secret_is_skipped_and_not_passed(ring, look):
    ring.oidc()
    found = look(OIDC, deployed_secret=lambda _: NotSent("nothing here"))
    assert [f.verdict for f in found if f.check == "oauth.client"] == [Verdict.SKIPPED]


def test_a_changed_file_sends_no_secret_before_it_is_applied(ring, look):
    """The sidecar loads partner files at once; only what the realm has may be sent to a partner."""
    ring.oidc()
    ring.deploy()
    posted = []

    class Recording(Fetcher):
        def post_form(self, url, form, **options):
            posted.append((url, dict(form), options))
            return super().post_form(url, form, **options)

    resolve = SecretResolver(environ={"ARENA_CLIENT_SECRET": ring.client_secret, "OTHER": "of-the-host"})
    secrets = DeployedSecrets(
        realm=ring.realm,
        connection=ring.connection,
        fingerprints=lambda: KeyedFingerprints(key=b"arena" * 8, resolve=resolve),
    )
    fetcher = Recording(policy=NetworkPolicy(allow_loopback_http=True), total_seconds=5)
    other = SecretRef(source=SecretSource.ENV, name="OTHER")
    for changed in ({"client_secret": other}, {"token_url": f"{ring.servers[OIDC].url}/elsewhere"}):
        found = look(OIDC, sign_in=changed, deployed_secret=secrets, fetcher=fetcher)
        (skipped,) = [f for f in found if f.check == "oauth.client"]
        assert skipped.detail == "not checked: the file is not applied yet"
    assert posted == []
    applied = look(OIDC, deployed_secret=secrets, fetcher=fetcher)
    assert [f.verdict for f in applied if f.check == "oauth.client"] == [Verdict.OK]
    assert len(posted) == 1


@pytest.mark.parametrize("published", ["beside", "instead", "same"])
def test_a_new_certificate_in_the_metadata_needs_no_change(ring, look, published):
    """With a metadata URL, the realm loads the certificates from there (test_rotation.py)."""
    new = saml_key()
    keys = {"beside": (ring.key, new), "instead": (new,), "same": (ring.key,)}[published]
    ring.saml(published=keys)
    found = look(SAML, sign_in={"metadata_url": f"{ring.servers[SAML].url}/metadata"})
    assert bad(found) == []
    (rotation,) = [finding for finding in found if finding.check == "saml.rotation"]
    assert ("new certificate" in rotation.detail) is (published != "same")


def test_metadata_of_another_entity_is_a_failure(ring, look):
    ring.saml(entity_id="https://another.example")
    found = look(SAML, sign_in={"metadata_url": f"{ring.servers[SAML].url}/metadata"})
    assert bad(found) == [("saml.metadata", Verdict.FAIL)]


def test_a_changed_single_sign_on_url_is_drift(ring, look):
    ring.saml()
    url = ring.servers[SAML].url
    found = look(SAML, sign_in={"metadata_url": f"{url}/metadata", "sso_url": f"{url}/sso/"})
    assert ("saml.sso_url", Verdict.FAIL) in bad(found)


@pytest.mark.parametrize(
    ("binding", "found"), [("post", [("saml.sso_binding", Verdict.FAIL)]), ("redirect", [])]
)
def test_a_wrong_request_binding_is_a_failure(ring, look, binding, found):
    ring.saml(binding="HTTP-Redirect")
    url = ring.servers[SAML].url
    assert bad(look(SAML, sign_in={"metadata_url": f"{url}/metadata", "sso_binding": binding})) == found


def test_host_checks_pass_after_apply(examiner):
    assert bad(examiner.host(), least=Verdict.FAIL) == []
    assert {f.check for f in examiner.host()} >= {
        "host.realm",
        "host.version",
        "host.events",
        "host.retention",
    }


@pytest.mark.parametrize(
    ("manual", "check", "text"),
    [
        ({"eventsEnabled": False}, "host.events", "disabled"),
        ({"eventsExpiration": 3 * 86400}, "host.retention", "retention: 3 days"),
        ({"enabledEventTypes": ["LOGOUT"]}, "host.events", "LOGIN"),
    ],
)
def test_manually_changed_event_settings_are_a_failure(ring, examiner, manual, check, text):
    before = ring.connection.get("events/config")
    ring.connection.put("events/config", before | manual)
    try:
        found = examiner.host()
        assert bad(found, least=Verdict.FAIL) == [(check, Verdict.FAIL)]
        assert any(text in f.detail for f in found if f.verdict is Verdict.FAIL)
    finally:
        ring.connection.put("events/config", before)


def test_a_disabled_or_removed_provider_is_detected(ring, examiner, look):
    ring.oidc()
    path = f"identity-provider/instances/{OIDC}"
    stored = ring.connection.get(path)
    ring.connection.put(path, stored | {"enabled": False})
    try:
        assert bad(look(OIDC)) == [("host.provider", Verdict.WARN)]
    finally:
        ring.connection.put(path, stored)
    spec = dataclasses.replace(ring.partners[OIDC].providers[0], alias="never-applied")
    found = examiner.partners([dataclasses.replace(ring.partners[OIDC], providers=(spec,))])
    assert bad(found, least=Verdict.FAIL) == [("host.provider", Verdict.FAIL)]


def test_a_missing_permission_is_reported_with_the_role(ring, examiner):
    """An account that can view providers only."""
    admin = ring.connection
    identity = admin.post(
        "clients",
        {
            "clientId": "ci",
            "publicClient": False,
            "serviceAccountsEnabled": True,
            "standardFlowEnabled": False,
        },
    )
    user = admin.get(f"clients/{identity}/service-account-user")
    (management,) = admin.get("clients", clientId="realm-management")
    roles = [admin.get(f"clients/{management['id']}/roles/view-identity-providers")]
    admin.post(f"users/{user['id']}/role-mappings/clients/{management['id']}", roles)
    secret = admin.get(f"clients/{identity}/client-secret")["value"]
    account = ServiceAccount(client_id="ci", client_secret=secret)
    with connect(server_url=ring.realm.server_url, realm=ring.realm.realm, credentials=account) as narrow:
        found = dataclasses.replace(examiner, connection=narrow).host()
    advice = [f.advice for f in found if f.check == "host.rights" and f.verdict is Verdict.FAIL]
    assert any("view-events" in line for line in advice), found
    admin.delete(f"clients/{identity}")


def test_a_server_without_an_egress_rule_reaches_a_private_address(examiner):
    """The server of the tests runs on this machine without a rule, so it connects to the listener."""
    (found,) = (
        f for f in dataclasses.replace(examiner, egress=ip_address("127.0.0.1")).host() if "egress" in f.check
    )
    assert (found.verdict, found.check) == (Verdict.FAIL, "host.egress")
    assert "can connect to the private address 127.0.0.1" in found.detail


def test_the_egress_test_changes_nothing(ring, examiner):
    before = ring.connection.get("identity-provider/instances")
    dataclasses.replace(examiner, egress=ip_address("127.0.0.1")).host()
    assert ring.connection.get("identity-provider/instances") == before
