"""A partner file names only secrets that belong to exactly this partner."""

from __future__ import annotations

from itertools import combinations

import pytest

from builders.code_examples import TODAY, WORKSPACE
from builders.valid_partner_files import OIDC
from partnergate.language.folder import Folder, read_folder
from partnergate.language.validate import validated


def codes(secret, partner="acme", text=OIDC, **settings):
    """The codes of a file with this secret."""
    content = text.replace("{vault: acme-client-secret}", secret).replace(
        "partner: acme", f"partner: {partner}"
    )
    folder = Folder(
        partners={f"{partner}.yaml": content.encode()}, templates=read_folder(WORKSPACE).templates
    )
    return {d.code for d in validated(folder, today=TODAY, variables={}, **settings)}


@pytest.mark.parametrize(
    "secret", ["{vault: acme-client-secret}", "{env: ACME_CLIENT_SECRET}", "{file: acme_client_secret}"]
)
def test_the_names_of_the_partner_are_accepted(secret):
    assert codes(secret) == set()


@pytest.mark.parametrize(
    ("partner", "secret"),
    [
        ("acme", "{vault: acme}"),
        ("acme", "{vault: globex-client-secret}"),
        ("acme", "{vault: acme-client-secret-other}"),
        ("acme", "{env: ACME_TOKEN}"),
        ("acme", "{env: MY_ACME_CLIENT_SECRET}"),
        ("acme", "{env: ACME_EU_CLIENT_SECRET}"),
        ("acme", "{file: globex_client_secret}"),
        ("acme", "{file: acme_client_secret_eu}"),
        ("keycloak", "{env: PARTNERGATE_KEYCLOAK_PASSWORD}"),
        ("keycloak", "{env: PARTNERGATE_KEYCLOAK_CLIENT_SECRET}"),
        ("key", "{env: PARTNERGATE_FINGERPRINT_KEY}"),
        ("ci", "{env: CI_JOB_TOKEN}"),
        ("github", "{env: GITHUB_TOKEN}"),
        ("acme-client-secret-b", "{env: ACME_CLIENT_SECRET_B_CLIENT_SECRET}"),
    ],
)
def test_every_other_name_is_refused(partner, secret):
    assert "PG143" in codes(secret, partner)


@pytest.mark.parametrize(
    ("partner", "name"),
    [
        ("ci", "CI_CLIENT_SECRET"),
        ("github", "GITHUB_CLIENT_SECRET"),
        ("gitlab", "GITLAB_CLIENT_SECRET"),
        ("runner", "RUNNER_CLIENT_SECRET"),
        ("aws", "AWS_CLIENT_SECRET"),
        ("azure", "AZURE_CLIENT_SECRET"),
        ("keycloak", "KEYCLOAK_CLIENT_SECRET"),
        ("partnergate-keycloak", "PARTNERGATE_KEYCLOAK_CLIENT_SECRET"),
    ],
)
def test_variables_of_partnergate_and_of_ci_systems_are_refused_even_with_the_name_of_the_partner(
    partner, name
):
    assert codes(f"{{env: {name}}}", partner) == {"PG165"}
    assert codes(f"{{vault: {partner}-client-secret}}", partner) == set()


@pytest.mark.parametrize(
    "path",
    ["/proc/self/environ", "/etc/passwd", "../acme_client_secret", "secrets/acme_client_secret",
     "./acme_client_secret", "acme_client_secret/", "..", "ACME_CLIENT_SECRET"],
)  # fmt: skip
def test_a_path_is_no_name_of_a_secret_file(path):
    assert "PG164" in codes(f"{{file: {path}}}")


def test_the_directory_is_checked_when_it_is_configured():
    problems = {"acme_client_secret": "is a link"}
    assert codes("{file: acme_client_secret}", secret_file_problem=lambda _: "") == set()
    assert codes("{file: acme_client_secret}", secret_file_problem=problems.get) == {"PG166"}


SECOND = """\
providers:
  - name: NAME
    sign_in:
"""


def with_provider(partner, provider, secret):
    """A file whose only provider has a name."""
    before, rest = OIDC.split("sign_in:\n")
    sign_in, after = rest.split("identity:\n")
    moved = SECOND.replace("NAME", provider) + "".join(f"    {line}\n" for line in sign_in.splitlines())
    text = f"{before}{moved}identity:\n{after}"
    return codes(secret, partner, text)


def test_the_secret_of_a_provider_may_name_the_provider():
    assert with_provider("acme", "eu", "{env: ACME_CLIENT_SECRET_EU}") == set()
    assert with_provider("acme", "eu", "{env: ACME_CLIENT_SECRET}") == set()
    assert "PG143" in with_provider("acme", "eu", "{env: ACME_CLIENT_SECRET_US}")


def test_no_name_belongs_to_two_partners():
    """IDs with dashes, one of which begins with another, and providers that look like partners."""
    partners = ("acme", "acme-x", "acme-client", "acme-client-secret", "acme-client-secret-x", "x", "secret")
    providers = ("x", "x-y", "client-secret", "x-client-secret", "secret")
    accepted = {}
    for partner in partners:
        names = {f"{partner}-client-secret"} | {f"{partner}-client-secret-{name}" for name in providers}
        accepted[partner] = set()
        for name in names:
            variable = name.replace("-", "_").upper()
            provider = name.removeprefix(f"{partner}-client-secret").strip("-")
            secret = f"{{env: {variable}}}"
            found = with_provider(partner, provider, secret) if provider else codes(secret, partner)
            if found <= {"PG028"}:
                accepted[partner].add(variable)
    assert accepted["acme"]
    assert accepted["acme-x"]
    for one, other in combinations(partners, 2):
        assert not accepted[one] & accepted[other], (one, other)


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("client_id: host-app", 'client_id: "${vault.globex-client-secret}"'),
        ("client_id: host-app", 'scopes: ["${vault.globex-client-secret}"]\n  client_id: host-app'),
    ],
)
def test_the_syntax_of_the_vault_is_refused_in_every_other_key(key, written):
    """Keycloak reads the vault only for the secret; another program, or a later version, may not."""
    assert key in OIDC
    assert "PG026" in codes("{vault: acme-client-secret}", text=OIDC.replace(key, written))
