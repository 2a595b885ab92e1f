"""Common mistakes: each is reported at the right position, and the hint names the fix.

A row contains the correct text, the mistake, the code, the marked text, and a part of the hint.
"""

from __future__ import annotations

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.valid_partner_files import OIDC, SAML, problems
from partnergate.language.folder import Folder, read_folder
from partnergate.language.keys.identity import IDENTITY
from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.shared_shapes import IDENTITY_KEYS, TOP_KEYS
from partnergate.language.shape.suggestion import nearest
from partnergate.language.validate import validated

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
        "issuer: https://login.microsoftonline.com/common/v2.0\n",
        "PG156",
        "https://login.microsoftonline.com/common/v2.0",
        "tenant ID",
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
        "https://your-tenant.example/k",
        "PG160",
        "https://your-tenant.example/k",
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
]


@pytest.mark.parametrize("text", [OIDC, SAML], ids=["oidc", "saml"])
def test_the_files_are_valid_before_the_mistake(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("base", "row"),
    [(OIDC, row) for row in OIDC_MISTAKES] + [(SAML, row) for row in SAML_MISTAKES],
    ids=lambda value: value[1].strip() if isinstance(value, tuple) else "",
)
def test_a_mistake_is_reported_at_its_position_with_the_fix(base, row):
    right, wrong, code, marked, hint = row
    assert base.count(right) >= 1
    text = base.replace(right, wrong, 1)
    found = [d for d in problems(text) if d.code == code]
    assert len(found) == 1, problems(text)
    line, span = text.splitlines()[found[0].span.line - 1], found[0].span
    assert line[span.column - 1 : span.end_column - 1] == marked
    assert hint in found[0].hint


def test_one_mistake_causes_one_diagnostic():
    """Follow-on errors would hide the mistake that needs fixing."""
    for right, wrong, code, *_ in OIDC_MISTAKES[2:12]:
        assert {d.code for d in problems(OIDC.replace(right, wrong, 1))} == {code}


def test_credentials_in_a_url_are_never_shown():
    (found,) = problems(
        OIDC.replace("https://login.acme.example/jwks", "https://me:hunter2@login.acme.example/jwks")
    )
    assert "hunter2" not in found.source_line + found.message + found.hint
    assert "login.acme.example/jwks" in found.source_line


def test_a_secret_that_looks_like_a_url_is_masked_completely():
    found = problems(OIDC.replace("{vault: acme-client-secret}", "https://me@hunter2"))
    assert found
    assert all("hunter2" not in one.source_line + one.message + one.hint for one in found)


def test_a_secret_in_a_list_is_not_repeated_in_the_hint():
    for wrong in ("[hunter2]", "{vault: [hunter2]}", "{env: [hunter2]}"):
        for found in problems(OIDC.replace("{vault: acme-client-secret}", wrong)):
            assert "hunter2" not in found.message + found.hint


def test_misplaced_keys_are_recognized_for_every_section():
    assert set(IDENTITY_KEYS) == set(IDENTITY.by_name)
    assert set(TOP_KEYS) == set(PARTNER.by_name) - {"partnergate"}


@pytest.mark.parametrize(
    ("word", "known", "found"),
    [
        ("prod", ["staging", "production"], "production"),
        ("prod", ["production", "productivity"], None),
        ("rsa-sha256", ["RSA_SHA256", "RSA_SHA512"], "RSA_SHA256"),
        ("no", ["northern", "none"], None),
        ("clientId", ["client_id"], "client_id"),
    ],
)
def test_the_most_similar_word_is_suggested(word, known, found):
    assert nearest(word, known) == found


def problems_with_file(name, content):
    """Diagnostics of a valid partner file with another file in the same directory."""
    partners = {"acme.yaml": OIDC.encode(), name: content}
    folder = Folder(partners=partners, templates=read_folder(WORKSPACE).templates)
    return validated(folder, today=TODAY, variables={})


def test_a_private_key_in_the_partner_directory_is_reported():
    """Partners sometimes send private keys together with certificates."""
    (found,) = problems_with_file("acme.pem", b"bag\n-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIhunter2\n")
    assert (found.code, str(found.span.file), found.span.line) == ("PG102", "partners/acme.pem", 2)
    assert "hunter2" not in found.source_line


@pytest.mark.parametrize(
    ("offered", "words"),
    [
        (
            b'"token_endpoint_auth_methods_supported": ["client_secret_post"]',
            "client_secret_basic, the default",
        ),
        (b'"id_token_signing_alg_values_supported": ["HS256", "none"]', "signed with HS256, none"),
        (b'"id_token_signing_alg_values_supported": ["HS256", "ES256"]', ""),
        (b'"token_endpoint_auth_methods_supported": ["client_secret_basic"]', ""),
    ],
)
def test_methods_that_the_recorded_configuration_does_not_list_are_rejected(offered, words):
    text = OIDC.replace("  pkce: true", "  discovery: {file: acme.openid-configuration.json}")
    recorded = b'{"issuer": "https://login.acme.example", ' + offered + b"}"
    partners = {"acme.yaml": text.encode(), "acme.openid-configuration.json": recorded}
    folder = Folder(partners=partners, templates=read_folder(WORKSPACE).templates)
    found = validated(folder, today=TODAY, variables={})
    assert [one.code for one in found] == (["PG163"] if words else [])
    assert all(words in one.message for one in found)
