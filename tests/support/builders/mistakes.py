"""Common mistakes in partner files, as rows: correct text, mistake, code, marked text, part of the hint.

The marked text is None where the position is not compared. ``PROVIDERS`` is a valid file with two providers.
"""

from __future__ import annotations

from textwrap import indent

from builders.valid_partner_files import OAUTH2, OIDC, SAML

GRANT = "{when: {groups: admins}, grant: workspace-admin}"
METER = "{event: task.run, aggregate: sum, of: units}"
LAST_TIER = '{unit: "1"}'
PER_UNIT = '{model: per_unit, unit: "1"}'
CERTIFICATES = "  metadata: {url: https://idp.acme.example/metadata}\n"
FINGERPRINT = ":".join(["A1"] * 20)
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

OIDC_MISTAKES = [
    ("stage: live", "stage live", "PG004", "s", "a colon and a space"),
    ("stage: live", "stage:live", "PG004", "s", "a colon and a space"),
    ("stage: live", "stage: production", "PG015", "production", "live is deployed to production"),
    ("stage: live", "stage: disabled", "PG015", "disabled", "suspended rejects logins"),
    ("partner: acme", "partner: Acme", "PG023", "Acme", "write acme"),
    ("name: Acme Automations", "name: “Acme”", "PG023", "“Acme”", "straight quotes"),
    ("name: Acme Automations", "name: Acme\u00a0Automations", "PG002", "\u00a0", "an ordinary space"),
    ("partnergate: 1", "partnergate: 2", "PG021", "2", ""),
    (
        "technical: [sso@acme.example]",
        "technical: sso@acme.example",
        "PG014",
        "sso@acme.example",
        "[sso@acme.example]",
    ),
    ("[ap@acme.example]", "[Jo <ap@acme.example>]", "PG023", "Jo <ap@acme.example>", "write ap@acme.example"),
    ("protocol: oidc", "protocol: openid", "PG015", "openid", '"oidc"'),
    ("protocol: oidc", "protocol: OIDC", "PG015", "OIDC", '"oidc"'),
    (
        "  client_id: host-app",
        "  client_authentication: basic\n  client_id: host-app",
        "PG015",
        "basic",
        "client_secret_basic",
    ),
    (
        "  client_id: host-app",
        "  client_authentication: none\n  client_id: host-app",
        "PG015",
        "none",
        "confidential client",
    ),
    ("  client_id: host-app", "  clientId: host-app", "PG012", "clientId", '"client_id"'),
    ("  pkce: true", "  alias: acme", "PG012", "alias", "alias belongs to the top of the file"),
    ("  pkce: true", "  enabled: false", "PG012", "enabled", "stage determines"),
    ("  pkce: true", "  email: email", "PG012", "email", "belongs to identity"),
    ("  pkce: true", "  agreement: []", "PG012", "agreement", "belongs to the top"),
    ("  email: email", "  client_id: host-app", "PG012", "client_id", "belongs to sign_in"),
    ("  email: email", "  trust_email: true", "PG106", "trust_email", "delete the key"),
    ("pkce: true", 'pkce: "true"', "PG014", '"true"', "delete the quotes"),
    ("pkce: true", "pkce: yes", "PG016", "yes", "write true"),
    ("[openid, email]", "openid email", "PG014", "openid email", "[openid, email]"),
    (
        "{vault: acme-client-secret}",
        "${vault.acme-client-secret}",
        "PG101",
        "${vault.acme-client-secret}",
        "{vault: NAME}",
    ),
    (
        "https://login.acme.example/jwks.json",
        "https://me:x@login.acme.example/jwks",
        "PG122",
        "https://me:x@login.acme.example/jwks",
        "between // and @",
    ),
    (
        "issuer: https://login.acme.example\n",
        "issuer: https://login.acme.example/.well-known/openid-configuration\n",
        "PG156",
        "https://login.acme.example/.well-known/openid-configuration",
        "write https://login.acme.example",
    ),
    (
        "issuer: https://login.acme.example\n",
        "issuer: https://login.acme.example/?t=1\n",
        "PG156",
        "https://login.acme.example/?t=1",
        "copy issuer",
    ),
    (
        "https://login.acme.example/jwks.json",
        "https://login.acme.example",
        "PG158",
        "https://login.acme.example",
        "partner add",
    ),
    (
        "https://login.acme.example/jwks.json",
        "https://your-tenant.acme.example/k",
        "PG160",
        "https://your-tenant.acme.example/k",
        "ask the partner",
    ),
    ("client_id: host-app", "client_id: <client id>", "PG160", "<client id>", "ask the partner"),
    ("subject: sub", "subject: user@acme.example", "PG023", "user@acme.example", "for example sub"),
    ("subject: sub", "subject: Sub", "PG162", "Sub", "write sub"),
    ("email: email", "email: emial", "PG162", "emial", "write email"),
    ("email: email", "email: sub", "PG141", "sub", ""),
    ("[acme.example]", "[ACME.example]", "PG130", "ACME.example", "write acme.example"),
    ("[acme.example]", '["@acme.example"]', "PG130", '"@acme.example"', "write acme.example"),
    (
        "[acme.example]",
        '["https://www.acme.example/"]',
        "PG130",
        '"https://www.acme.example/"',
        "write acme.example",
    ),
    ("[acme.example]", "[co.uk]", "PG129", "co.uk", "the complete domain"),
    ("{department: dept}", "[department]", "PG014", "[department]", "{name: value}"),
    (
        "{groups: admins}",
        "{groups: [admins, bosses]}",
        "PG014",
        "[admins, bosses]",
        "one entry under roles for each",
    ),
    ("grant: workspace-admin", "grant: [workspace-admin]", "PG014", "[workspace-admin]", "without brackets"),
    ("grant: workspace-admin", "grant: workspace-admni", "PG127", "workspace-admni", '"workspace-admin"'),
    ("currency: USD", "currency: usd", "PG301", "usd", "write USD"),
    ("America/New_York", "EST", "PG302", "EST", "write America/New_York"),
    ("America/New_York", "UTC+1", "PG302", "UTC+1", "for example America/New_York"),
    ("America/New_York", "new_york", "PG302", "new_york", '"America/New_York"'),
    ("{every: month}", "monthly", "PG014", "monthly", "write {every: ..."),
    ("every: month", "every: monthly", "PG015", "monthly", '"month"'),
    ("model: flat", "model: tiered", "PG015", "tiered", "graduated"),
    ("aggregate: sum", "aggregate: total", "PG015", "total", '"sum"'),
    ('"499.00"', "499.00", "PG019", "499.00", 'quote it: "499.00"'),
    ('{model: flat, amount: "499.00"}', '"499.00"', "PG014", '"499.00"', "start with model: flat"),
    ("2026-10-01", '"2026-10-01"', "PG018", '"2026-10-01"', "delete the quotes"),
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
        "test_users: [{since: 2026-01-01, until: 2027-01-01, emails: [a@acme.example]}]\nidentity:",
        "PG012",
        "emails",
        "write subjects",
    ),
    (
        "identity:",
        "test_users: [{since: 2026-01-01, until: 2027-01-01, email_domains: [acme.example]}]\nidentity:",
        "PG012",
        "email_domains",
        "a partner could give any user an address in a domain",
    ),
    ("identity:", "test_users: [{since: 2026-01-01, subjects: [robot]}]\nidentity:", "PG013", "since", ""),
    ("identity:", "onboarding: [{step: go-live, owner: Jo}]\nidentity:", "PG015", "go-live", '"launch"'),
    ("identity:", "waivers: PG117\nidentity:", "PG014", "PG117", "start each entry with -"),
]
SAML_MISTAKES = [
    ("subject: name_id", "subject: NameID", "PG137", "NameID", "write name_id"),
    ("email: mail", "email: name_id", "PG137", "name_id", "name of the attribute"),
    (
        "persistent",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "PG015",
        "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        '"persistent"',
    ),
    ("RSA_SHA256", "rsa-sha256", "PG015", "rsa-sha256", '"RSA_SHA256"'),
    (
        "{url: https://idp.acme.example/metadata}",
        "https://idp.acme.example/metadata",
        "PG014",
        "https://idp.acme.example/metadata",
        "write {file: ..., url: ...}",
    ),
    (
        "https://idp.acme.example/sso",
        "https://idp.acme.example/metadata",
        "PG158",
        "https://idp.acme.example/metadata",
        "SingleSignOnService",
    ),
    (
        "https://idp.acme.example/id",
        "https://id.host.example/realms/host",
        "PG157",
        "https://id.host.example/realms/host",
        "handoff",
    ),
    (
        "  sso_url",
        "  sp_entity_id: https://idp.acme.example/id\n  sso_url",
        "PG157",
        "https://idp.acme.example/id",
        "delete the key",
    ),
    ("  sso_url", "  certificates: [acme.pme]\n  sso_url", "PG030", "acme.pme", '"acme.pem"'),
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
OAUTH2_MISTAKES = [
    ("  userinfo_url:", "  user_info_url:", "PG012", "user_info_url", '"userinfo_url"'),
    ("  client_secret: {vault: acme-client-secret}\n", "", "PG132", "client_id", "{vault: NAME}"),
    ("[profile, email]", '["profile email"]', "PG023", '"profile email"', ""),
    (LAST_TIER, '{up_to: unlimited, unit: "1"}', "PG020", "unlimited", "delete the key"),
    ("{up_to: 9", "{to: 9", "PG012", "to", "write up_to"),
    (LAST_TIER, '{from: 10, unit: "1"}', "PG012", "from", "the one before it ends"),
]
PROVIDERS_MISTAKES = [
    ("- name: saml", "- name: oidc", "PG202", "oidc", "a different name"),
    ("- name: saml", "- alias: saml", "PG013", "alias", "the alias is"),
    ("    identity: {subject: name_id}\n", "", "PG013", None, "identity: {subject: name_id}"),
    (
        "    identity: {subject: name_id}",
        "    enabled: false\n    identity: {subject: name_id}",
        "PG012",
        "enabled",
        "retired: true",
    ),
    (
        "agreement:",
        "environments:\n  staging:\n    sign_in: {client_id: a}\nagreement:",
        "PG025",
        "sign_in",
        "write providers here",
    ),
    (
        "agreement:",
        "environments:\n  staging:\n    providers: [{name: odic, sign_in: {client_id: a}}]\nagreement:",
        "PG015",
        "odic",
        '"oidc"',
    ),
]
MISTAKES = (
    (OIDC, OIDC_MISTAKES),
    (SAML, SAML_MISTAKES),
    (OAUTH2, OAUTH2_MISTAKES),
    (PROVIDERS, PROVIDERS_MISTAKES),
)
