"""Mistakes in partner files: each gives one diagnostic at the right position, and its hint names the fix."""

from __future__ import annotations

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.mistakes import MISTAKES
from builders.valid_partner_files import OAUTH2, OIDC, problems
from partnergate.language.folder import Folder, read_folder
from partnergate.language.keys.identity import IDENTITY
from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.shared_shapes import IDENTITY_KEYS, TOP_KEYS
from partnergate.language.shape.suggestion import intended_amount, intended_day, nearest
from partnergate.language.validate import validated


@pytest.mark.parametrize("text", [base for base, _ in MISTAKES], ids=["oidc", "saml", "oauth2", "providers"])
def test_the_files_are_valid_before_the_mistake(text):
    assert problems(text) == []


@pytest.mark.parametrize(
    ("base", "row"),
    [(base, row) for base, rows in MISTAKES for row in rows],
    ids=lambda value: value[1].strip() if isinstance(value, tuple) else "",
)
def test_a_mistake_gives_one_diagnostic_that_names_the_fix(base, row):
    """Follow-on errors would hide the mistake that needs fixing."""
    right, wrong, code, marked, hint = row
    assert right in base
    text = base.replace(right, wrong, 1)
    (found,) = problems(text)
    line = text.splitlines()[found.span.line - 1]
    assert found.code == code
    assert marked in (None, line[found.span.column - 1 : found.span.end_column - 1])
    assert hint in found.hint


def test_an_issuer_for_every_tenant_is_rejected():
    """The other URLs of the file are then on a different domain, which is reported as well."""
    issuer = "https://login.microsoftonline.com/common/v2.0"
    found = problems(OIDC.replace("issuer: https://login.acme.example\n", f"issuer: {issuer}\n"))
    assert [(one.code, one.span.line) for one in found[:1]] == [("PG156", 8)]
    assert "tenant ID" in found[0].hint
    assert {one.code for one in found[1:]} == {"PG124"}


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
