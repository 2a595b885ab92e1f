"""Mistakes of users who come from another tool or know only the editor's schema.

Each gives exactly one diagnostic at the right position, and its hint names the fix.
"""

from __future__ import annotations

from textwrap import indent

import pytest

from builders.valid_partner_files import OAUTH2, OIDC, SAML, problems
from partnergate.language.shape.suggestion import intended_amount, intended_day

GRANT = "{when: {groups: admins}, grant: workspace-admin}"
METER = "{event: task.run, aggregate: sum, of: units}"
LAST_TIER = '{unit: "1"}'
PER_UNIT = '{model: per_unit, unit: "1"}'
CERTIFICATES = "  metadata: {url: https://idp.acme.example/metadata}\n"
FINGERPRINT = ":".join(["A1"] * 20)
OIDC_ROWS = [
    ("sign_in:", "signin:", "PG012", "signin", '"sign_in"'),
    ("agreement:", "agreements:", "PG012", "agreements", '"agreement"'),
    ("technical:", "tech:", "PG012", "tech", '"technical"'),
    (", billing: [ap@acme.example]", ", finance: [ap@acme.example]", "PG012", "finance", "technical"),
    ("identity:", "email: email\nidentity:", "PG012", "email", "under identity"),
    ("identity:", "issuer: https://a.example\nidentity:", "PG012", "issuer", "under sign_in"),
    ("  issuer:", "  entity_id:", "PG034", "entity_id", "write issuer"),
    ("  first_name: given_name", "  name: name", "PG012", "name", "first_name and last_name"),
    ("  first_name: given_name", "  username: login", "PG012", "username", "<alias>.<subject>"),
    ("  first_name: given_name", "  department: dept", "PG012", "department", "under attributes"),
    ("[acme.example]", "[yahoo.co.uk]", "PG129", "yahoo.co.uk", "the partner owns"),
    ("[acme.example]", "[azurewebsites.net]", "PG129", "azurewebsites.net", "the complete domain"),
    ("[acme.example]", "[xn--55qx5d.cn]", "PG129", "xn--55qx5d.cn", "the complete domain"),
    (GRANT, "{groups: admins, grant: workspace-admin}", "PG012", "groups", "when: {groups: VALUE}"),
    (GRANT, "{when: {groups: admins}, role: workspace-admin}", "PG012", "role", "write grant"),
    ("{groups: admins}", "groups=admins", "PG014", "groups=admins", "{groups: admins}"),
    ("effective: 2026", "from: 2026", "PG012", "from", "write effective"),
    ("2026-10-01", "01.10.2026", "PG018", "01.10.2026", "write 2026-10-01"),
    ("2026-10-01", "2026-10-01T00:00:00Z", "PG018", "2026-10-01T00:00:00Z", "write 2026-10-01"),
    ("time_zone:", "timezone:", "PG012", "timezone", '"time_zone"'),
    ("{name: Platform", "{label: Platform", "PG012", "label", "write name"),
    ("{model: flat, amount:", "{model: flat, price:", "PG012", "price", "write amount"),
    ('"499.00"', '"499,00"', "PG020", '"499,00"', 'write "499.00"'),
    ('"499.00"', "USD 499", "PG014", "USD 499", 'write "499"'),
    (METER, "task.run", "PG015", "task.run", "{event: TYPE, aggregate: count}"),
    (METER, "{event: task.run}", "PG013", "meter", "one of count, sum"),
    (METER, "{event: task.run, aggregate: count, filter: {a: b}}", "PG012", "filter", "write where"),
    (PER_UNIT, "{model: per_unit}", "PG013", "price", 'unit: "12.50"'),
    (PER_UNIT, "per_unit", "PG014", "per_unit", "{model: per_unit, unit: ...}"),
    ("partnergate: 1", "version: 1", "PG012", "version", "write partnergate"),
    ("partner: acme", "id: acme", "PG012", "id", "write partner"),
    ("  subject: sub", "  id: sub", "PG125", "id", "the key subject"),
    (
        "identity:",
        "environments:\n  staging:\n    stage: live\nidentity:",
        "PG012",
        "stage",
        "in every environment",
    ),
    (
        "identity:",
        "environments:\n  staging:\n    providers: [{name: a, sign_in: {client_id: b}}]\nidentity:",
        "PG025",
        "providers",
        "write sign_in here",
    ),
    (
        "identity:",
        "test_users: [{since: 2026-01-01, emails: [a@acme.example]}]\nidentity:",
        "PG012",
        "emails",
        "write subjects",
    ),
    ("identity:", "onboarding: [{step: go-live, owner: Jo}]\nidentity:", "PG015", "go-live", '"launch"'),
    ("identity:", "waivers: PG117\nidentity:", "PG014", "PG117", "start each entry with -"),
]
PROVIDERS_ROWS = [
    ("- name: saml", "- name: oidc", "PG202", "oidc", "a different name"),
    ("- name: saml", "- alias: saml", "PG013", "alias", "the alias is"),
    ("    identity: {subject: name_id}\n", "", "PG013", None, "identity: {subject: name_id}"),
    ("    identity: {subject: name_id}", "    enabled: false\n    identity: {subject: name_id}", "PG012", "enabled",
     "retired: true"),
    ("agreement:", "environments:\n  staging:\n    sign_in: {client_id: a}\nagreement:", "PG025", "sign_in",
     "write providers here"),
    ("agreement:", "environments:\n  staging:\n    providers: [{name: odic, sign_in: {client_id: a}}]\nagreement:",
     "PG015", "odic", '"oidc"'),
]  # fmt: skip
SAML_ROWS = [
    ("  entity_id:", "  issuer:", "PG034", "issuer", "write entity_id"),
    ("  metadata: {url: ", "  metadata_url: {url: ", "PG012", "metadata_url", "metadata: {url: ADDRESS}"),
    (CERTIFICATES, f'  certificates: ["{FINGERPRINT}"]\n', "PG115", f'"{FINGERPRINT}"', "a fingerprint"),
    ("persistent", "emailAddress", "PG015", "emailAddress", "a stable attribute"),
    ("RSA_SHA256", "http://x.example/dsig#rsa-sha256", "PG015", None, '"RSA_SHA256"'),
    ("  sso_url", "  force_authn: 1\n  sso_url", "PG014", "1", "write true"),
    ("  sso_url", "  clock_skew_seconds: 5m\n  sso_url", "PG014", "5m", "write only digits"),
    (
        "agreement:",
        "environments:\n  staging:\n    entity_id: https://idp.acme.example/s\nagreement:",
        "PG012",
        "entity_id",
        "under sign_in",
    ),
]
OAUTH2_ROWS = [
    ("  userinfo_url:", "  user_info_url:", "PG012", "user_info_url", '"userinfo_url"'),
    ("  client_secret: {vault: acme-client-secret}\n", "", "PG132", "client_id", "{vault: NAME}"),
    ("[profile, email]", '["profile email"]', "PG023", '"profile email"', ""),
    (LAST_TIER, '{up_to: unlimited, unit: "1"}', "PG020", "unlimited", "delete the key"),
    ("{up_to: 9", "{to: 9", "PG012", "to", "write up_to"),
    (LAST_TIER, '{from: 10, unit: "1"}', "PG012", "from", "the one before it ends"),
]
SIGN_IN, IDENTITY = (
    OIDC[OIDC.index(start) : OIDC.index(end)]
    for start, end in (("sign_in:", "identity:"), ("identity:", "agreement:"))
)
PROVIDERS = (
    OIDC.replace(SIGN_IN, "")
    .replace(IDENTITY, "providers:\n  - name: oidc\n" + indent(SIGN_IN + IDENTITY, "    ") + """\
  - name: saml
    sign_in: {protocol: saml, entity_id: https://i.acme.example/id, sso_url: https://i.acme.example/sso,
      metadata: {url: https://i.acme.example/m}}
    identity: {subject: name_id}
""")
)  # fmt: skip
ROWS = [(OIDC, OIDC_ROWS), (SAML, SAML_ROWS), (OAUTH2, OAUTH2_ROWS), (PROVIDERS, PROVIDERS_ROWS)]


@pytest.mark.parametrize("text", [OIDC, SAML, OAUTH2, PROVIDERS], ids=["oidc", "saml", "oauth2", "providers"])
def test_the_files_are_valid_before_the_mistake(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("base", "row"),
    [(base, row) for base, rows in ROWS for row in rows],
    ids=lambda value: value[1].strip() if isinstance(value, tuple) else "",
)
def test_a_mistake_gives_one_diagnostic_that_names_the_fix(base, row):
    right, wrong, code, marked, hint = row
    assert right in base
    text = base.replace(right, wrong, 1)
    (found,) = problems(text)
    line = text.splitlines()[found.span.line - 1]
    assert found.code == code
    assert marked in (None, line[found.span.column - 1 : found.span.end_column - 1])
    assert hint in found.hint


def test_private_key_jwt_is_not_suggested_for_oauth2():
    (found,) = problems(OAUTH2.replace("  client_secret: {vault: acme-client-secret}\n", ""))
    assert "private_key_jwt" not in found.hint


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("$499.00", "499.00"),
        ("1,499.00", "1499.00"),
        ("1'499.00", "1499.00"),
        ("1 499,50", "1499.50"),
        ("20 %", "20"),
        ("1,499", ""),  # ambiguous: thousands separator or decimal comma
        ("1.499,00", ""),
        ("-5.00", ""),
        ("12 or so", ""),
    ],
)
def test_an_amount_is_suggested_only_if_it_is_unambiguous(text, meant):
    assert intended_amount(text) == meant


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1.10.2026", "2026-10-01"), ("31.02.2026", ""), ("10/01/2026", ""), ("2026-10-01 08:00", "2026-10-01")],
)
def test_a_day_is_suggested_only_if_its_order_is_unambiguous(text, meant):
    assert intended_day(text) == meant


def test_the_hint_for_a_loopback_url_names_the_setting_for_local_trials():
    found = problems(OIDC.replace("https://login.acme.example/jwks.json", "http://localhost:8080/jwks.json"))
    assert {one.code for one in found} >= {"PG118", "PG120"}
    assert all("allow_loopback_http" in one.hint for one in found if one.code in ("PG118", "PG120"))


def test_a_waiver_allows_a_public_mail_domain():
    """The partner may run the mail service itself."""
    waiver = (
        "waivers:\n  - {code: PG129, reason: The partner runs this mail service itself., "
        "until: 2027-03-31, approved_by: Security}\nidentity:"
    )
    (found,) = problems(OIDC.replace("[acme.example]", "[proton.me]").replace("identity:", waiver, 1))
    assert (found.code, str(found.severity)) == ("PG129", "note")
