"""Loading a workspace in each environment."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import PurePosixPath

import pytest

from builders.code_examples import REPOSITORY, TODAY, WORKSPACE, folder_of
from partnergate.diagnostics import Severity
from partnergate.language.examination import Context, examined
from partnergate.language.folder import Folder, read_folder
from partnergate.language.load import load_partner, load_workspace
from partnergate.language.recorded.filling import RecordedFiles
from partnergate.language.rules.realms import long_enough_retention
from partnergate.language.validate import validated
from partnergate.model.agreement import UsageMeter
from partnergate.model.environment import HostRole, RealmSpec
from partnergate.model.partner import EnvironmentName, OidcSignIn, SamlSignIn, SourceFile, Stage
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.per_unit import PerUnit

ACME = (WORKSPACE / "partners/acme.yaml").read_text()


def realm(name: str = "production", **changes) -> RealmSpec:
    usual = {
        "environment": EnvironmentName(name),
        "server_url": "https://id.host.example",
        "realm": "host",
        "stages": (Stage.STAGING, Stage.LIVE),
        "source": SourceFile(path=PurePosixPath("realm_templates/x.yaml"), sha256=""),
        "roles": (HostRole(name="workspace-admin"),),
    }
    return RealmSpec(**(usual | changes))


def loaded(text: str, **options):
    options.setdefault("realm", realm())
    spec, found = load_partner(text, "partners/acme.yaml", **options)
    assert spec is not None, found
    return spec


def codes_of(text: str, **options) -> list[str]:
    options.setdefault("realm", realm())
    return [d.code for d in load_partner(text, "partners/acme.yaml", **options)[1]]


@pytest.mark.parametrize("environment", ["demo", "staging", "production"])
def test_the_shipped_workspace_loads_in_every_environment(environment):
    workspace, found = load_workspace(REPOSITORY, environment, today=TODAY)
    assert not found
    assert [p.partner for p in workspace.partners] == ["acme", "globex", "initech"]
    assert workspace.realm.environment == environment


def test_environment_variables_and_defaults_reach_overrides_through_variables():
    workspace, _ = load_workspace(
        REPOSITORY, "demo", variables={"PARTNERGATE_VAR_DEMO_IDP": "http://localhost:9999"}
    )
    sign_in = workspace.partners[0].providers[0].sign_in
    assert sign_in.issuer == "http://localhost:9999/realms/acme-idp"


def test_the_source_names_path_hash_and_commit():
    workspace, _ = load_workspace(REPOSITORY, "production", commit_of=lambda path: f"commit of {path}")
    source = workspace.partners[0].source
    assert source.path == PurePosixPath("partners/acme.yaml")
    assert source.commit == "commit of partners/acme.yaml"
    assert len(source.sha256) == 64


def test_an_override_is_merged_key_by_key():
    text = ACME + "environments:\n  staging:\n    sign_in: {prompt: login}\n    identity: {email: mail}\n"
    here, there = loaded(text, realm=realm("staging")), loaded(text)
    assert here.providers[0].sign_in.prompt == "login"
    assert here.providers[0].sign_in.issuer == there.providers[0].sign_in.issuer
    assert (here.providers[0].identity.email, there.providers[0].identity.email) == ("mail", "email")


def test_an_override_of_another_protocol_replaces_the_whole_sign_in():
    text = ACME + (
        "environments:\n  staging:\n    sign_in:\n      protocol: saml\n      entity_id: https://idp.acme.example/\n"
        "      sso_url: https://idp.acme.example/sso\n      metadata: {url: https://idp.acme.example/metadata}\n"
    )
    assert isinstance(loaded(text, realm=realm("staging")).providers[0].sign_in, SamlSignIn)
    assert isinstance(loaded(text).providers[0].sign_in, OidcSignIn)


def test_an_override_of_a_secret_replaces_the_whole_reference():
    text = ACME + "environments:\n  staging:\n    sign_in: {client_secret: {env: ACME_CLIENT_SECRET}}\n"
    assert loaded(text, realm=realm("staging")).providers[0].sign_in.client_secret.source == "env"


def test_a_mistake_in_one_environment_is_reported_when_all_are_checked():
    base = read_folder(WORKSPACE)
    text = ACME + "environments:\n  staging:\n    sign_in: {token_url: http://login.acme.example/token}\n"
    folder = Folder(partners={"acme.yaml": text.encode()}, templates=base.templates)
    everywhere = validated(folder, today=TODAY, variables={})
    assert [d.code for d in everywhere] == ["PG118"]
    assert everywhere[0].span.line == text[: text.index("http://")].count("\n") + 1
    assert not validated(folder, today=TODAY, variables={}, environment="production")


def test_a_staging_partner_needs_nothing_for_production():
    text = ACME.replace("stage: live", "stage: staging").replace("sign_in:", "x:", 1)
    only_staging = "\n".join(line for line in text.splitlines()[:6]) + "\nidentity: {subject: sub}\n"
    sign_in = "\n".join("    " + line for line in ACME.splitlines()[6:14])
    text = f"{only_staging}environments:\n  staging:\n{sign_in}\n"
    base = read_folder(WORKSPACE)
    folder = Folder(partners={"acme.yaml": text.encode()}, templates=base.templates)
    assert not [d for d in validated(folder, today=TODAY, variables={}) if d.severity is Severity.ERROR]


def test_several_providers_have_aliases_of_partner_and_name():
    sign_in = "\n".join("    " + line for line in ACME.splitlines()[6:14])
    text = ACME.replace(
        "sign_in:",
        "providers:\n  - name: old\n    retired: true\n" + sign_in + "\n  - name: new\n    sign_in:",
        1,
    )
    lines = text.splitlines()
    start = lines.index("    sign_in:", lines.index("  - name: new"))
    moved = [f"    {line}" if start < n < start + 8 else line for n, line in enumerate(lines)]
    spec = loaded("\n".join(moved))
    assert [(p.alias, p.retired) for p in spec.providers] == [("acme-old", True), ("acme-new", False)]


def test_recorded_discovery_fills_endpoints_and_explicit_keys_take_precedence():
    recorded = {
        "acme.openid-configuration.json": (WORKSPACE / "partners/acme.openid-configuration.json").read_bytes()
    }
    text = ACME.replace("  authorization_url: https://login.acme.example/authorize\n", "")
    text = text.replace("https://login.acme.example/oauth/token", "https://login.acme.example/own")
    sign_in = loaded(text, recorded=recorded).providers[0].sign_in
    assert sign_in.authorization_url == "https://login.acme.example/authorize"
    assert sign_in.token_url == "https://login.acme.example/own"
    assert codes_of(text) == ["PG013"]


def test_a_mistake_in_a_recorded_file_is_reported_at_its_position_there():
    recorded = {
        "acme.openid-configuration.json": (WORKSPACE / "partners/acme.openid-configuration.json").read_bytes()
    }
    recorded = {
        name: text.replace(b"https://login.acme.example/jwks", b"http://login.acme.example/jwks")
        for name, text in recorded.items()
    }
    text = ACME.replace("  jwks_url: https://login.acme.example/jwks.json\n", "")
    _, found = load_partner(text, "partners/acme.yaml", realm=realm(), recorded=recorded)
    assert [(d.code, str(d.span.file), d.span.line) for d in found] == [
        ("PG118", "partners/acme.openid-configuration.json", 5)
    ]


def test_certificates_become_bare_base64_from_pem_and_der(tmp_path):
    pem = (WORKSPACE / "partners/globex.pem").read_bytes()
    text = (
        (WORKSPACE / "partners/globex.yaml")
        .read_text()
        .replace("metadata: {url", "certificates: [a.pem]\n  metadata: {url")
    )
    spec, found = load_partner(text, "partners/globex.yaml", realm=realm(), recorded={"a.pem": pem})
    assert not found
    assert spec.providers[0].sign_in.certificates[0].startswith("MII")
    assert "\n" not in spec.providers[0].sign_in.certificates[0]


def test_agreement_versions_are_ordered_and_end_where_the_next_starts():
    later = ACME.split("agreement:\n")[1].replace("2026-10-01", "2026-01-01")
    spec = loaded(ACME + later)
    assert [(a.effective, a.until) for a in spec.agreements] == [
        (date(2026, 1, 1), date(2026, 10, 1)),
        (date(2026, 10, 1), None),
    ]


def test_amounts_are_exact():
    workspace, _ = load_workspace(REPOSITORY, "production")
    acme, globex, _ = workspace.partners
    graduated = acme.agreements[0].charges[1].price
    assert isinstance(graduated, Graduated)
    assert (graduated.tiers[0].up_to, graduated.tiers[0].unit) == (Decimal(500), Decimal("2.00"))
    tasks = globex.agreements[0].charges[1]
    assert tasks.price == PerUnit(unit=Decimal("0.015"))
    assert isinstance(tasks.meter, UsageMeter)


def test_a_waiver_lowers_the_error_to_a_note_that_names_the_approver():
    found = [
        d for d in validated(folder_of("PG152", "Right"), today=TODAY, variables={}) if d.code == "PG121"
    ]
    assert {d.severity for d in found} == {Severity.NOTE}
    assert "Security team" in found[0].message


def test_a_waiver_has_no_effect_after_its_last_day():
    found = validated(folder_of("PG152", "Right"), today=date(2027, 4, 1), variables={})
    assert {(d.code, d.severity) for d in found} >= {("PG121", Severity.ERROR), ("PG152", Severity.ERROR)}


def test_all_problems_of_a_file_are_reported_together():
    text = ACME.replace("client_id: host-app", "clientid: host-app").replace("subject: sub", "subject: email")
    text = text.replace('"499.00"', "499.00").replace("currency: USD", "currency: USX")
    assert codes_of(text) == ["PG012", "PG103", "PG301", "PG019"]
    text = text.replace("clientid", "client_id").replace("499.00", '"499.00"')
    assert codes_of(text) == ["PG103", "PG301"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("  issuer: https://login.acme.example/\n", "PG013"),
        ("  client_id: host-app\n", "PG013"),
        ("  client_secret: {vault: acme-client-secret}\n", "PG132"),
    ],
)
def test_values_that_keycloak_does_not_require_are_required(line, code):
    assert code in codes_of(ACME.replace(line, ""))


def test_an_override_can_retire_a_provider_in_one_environment():
    sign_in = "\n".join("    " + line for line in ACME.splitlines()[6:14])
    start, rest = ACME.split("sign_in:", 1)
    rest = "\n".join(rest.splitlines()[8:])
    text = (
        f"{start}providers:\n  - name: old\n{sign_in}\n{rest}\n"
        "environments:\n  staging:\n    providers: [{name: old, retired: true}]\n"
    )
    at = Context((realm("production"), realm("staging")), frozenset({"production", "staging"}))
    recorded = RecordedFiles({}, PurePosixPath("partners"))
    file = examined(text.encode(), PurePosixPath("partners/acme.yaml"), at, recorded=recorded)
    retired = {spec.environment: [p.retired for p in spec.providers] for spec in file.specs()}
    assert retired == {"production": [False], "staging": [True]}


@pytest.mark.parametrize(
    ("days", "outage"), [(1, "an outage of 1 day would"), (3, "an outage of 3 days would")]
)
def test_the_retention_of_events_is_counted_in_days(days, outage):
    events = replace(realm().events, retention_days=days)
    (found,) = long_enough_retention(realm(events=events))
    assert outage in found.message
