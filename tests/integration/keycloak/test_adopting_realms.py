"""Hand-made realms are imported and adopted, and every user keeps the account, the roles and the groups."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
import yaml

from partnergate.cli.exit_codes import ExitCode
from partnergate.language.rules.partners import NO_APPROVER
from partnergate.login.browser import LoginRefusedError
from partnergate.playground.commands import run_command
from worlds.hand_made_realm import (
    CALLBACK,
    INEXPRESSIBLE,
    KINDS,
    SECRET,
    Account,
    HandMadeRealm,
    Kind,
    hand_made_realm,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from partnergate.devstack import KeycloakServer
    from partnergate.playground.commands import Ran

pytestmark = pytest.mark.integration
LEAST_SHARE = 0.8
"""Of the OpenID Connect and SAML providers, that become drafts."""


@dataclass(frozen=True)
class Adopted:
    """A realm before and after its adoption."""

    realm: HandMadeRealm
    directory: Path
    imported: Ran
    applied: Ran
    planned: Ran
    before: dict[str, Account]
    users: set[str]
    environ: dict[str, str]

    def run(self, *arguments: str) -> Ran:
        """Run ``partnergate ARGUMENTS`` in the workspace of the import."""
        return run_command(*arguments, directory=self.directory, environ=self.environ)

    def file_of(self, alias: str) -> str:
        """The text of the partner file with that alias."""
        texts = [path.read_text(encoding="utf-8") for path in (self.directory / "partners").glob("*.yaml")]
        found = [text for text in texts if alias in _aliases(text)]
        assert len(found) == 1, f"{alias}: {len(found)} files"
        return found[0]


def _aliases(text: str) -> set[str]:
    document = yaml.safe_load(text)
    return {document.get("alias", document["partner"])}


@pytest.fixture(scope="module")
def adopted(keycloak: KeycloakServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adopted]:
    """Log every user in, import the realm, make the drafts live, and adopt everything."""
    directory = tmp_path_factory.mktemp("adopted")
    with hand_made_realm(keycloak, (*KINDS, *INEXPRESSIBLE)) as realm:
        before = {kind.alias: realm.enter(kind) for kind in KINDS}
        users = realm.users()
        environ = {
            "PARTNERGATE_KEYCLOAK_URL": keycloak.base_url,
            "PARTNERGATE_KEYCLOAK_USER": keycloak.admin_user,
            "PARTNERGATE_KEYCLOAK_PASSWORD": keycloak.admin_password,
            "PARTNERGATE_KEYCLOAK_CLIENT_ID": "",
            "PARTNERGATE_KEYCLOAK_CLIENT_SECRET": "",
        }
        imported = run_command(
            "import", "-e", "demo", "--server-url", keycloak.base_url, "--realm", realm.connection.realm,
            "--allow-loopback-http", directory=directory, environ=environ,
        )  # fmt: skip
        assert imported.exit_code == ExitCode.OK, imported.errors
        environ |= _made_live(directory) | {"PARTNERGATE_SECRETS_DIR": str(directory / "secrets")}
        applied = run_command("apply", "-e", "demo", "--yes", "--adopt", directory=directory, environ=environ)
        planned = run_command("plan", "-e", "demo", directory=directory, environ=environ)
        yield Adopted(realm, directory, imported, applied, planned, before, users, environ)


def _made_live(directory: Path) -> dict[str, str]:
    """Make every draft live, and name the host's client. Returns the environment variables of the secrets."""
    variables = {}
    for path in (directory / "partners").glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        changed = text.replace("\nstage: draft\n", "\nstage: live\n").replace(NO_APPROVER, "Security team")
        path.write_text(changed, encoding="utf-8")
        variables |= dict.fromkeys(re.findall(r"env: (\w+)", text), SECRET)
        for name in re.findall(r"file: (\w+)", text):
            (directory / "secrets").mkdir(mode=0o700, exist_ok=True)
            (directory / "secrets" / name).write_text(SECRET, encoding="utf-8")
    template = directory / "realm_templates/demo.yaml"
    text = template.read_text(encoding="utf-8")
    template.write_text(text.replace("https://host.example/callback", CALLBACK), encoding="utf-8")
    return variables


def test_enough_providers_become_drafts(adopted: Adopted) -> None:
    everything = [kind for kind in (*KINDS, *INEXPRESSIBLE) if kind.protocol != "oauth2"]
    written = {
        alias
        for path in (adopted.directory / "partners").glob("*.yaml")
        for alias in _aliases(path.read_text())
    }
    drafts = [kind for kind in everything if kind.alias in written]
    assert len(drafts) / len(everything) >= LEAST_SHARE
    assert {kind.alias for kind in KINDS} == written


def test_the_adoption_succeeds_and_the_plan_after_it_is_empty(adopted: Adopted) -> None:
    assert adopted.applied.exit_code == ExitCode.OK, adopted.applied.errors
    assert "Nothing to do" in adopted.planned.output, adopted.planned.output


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.alias)
def test_every_user_keeps_the_account_the_roles_and_the_groups(adopted: Adopted, kind: Kind) -> None:
    before = adopted.before[kind.alias]
    assert before.grants == kind.grants
    assert adopted.realm.enter(kind) == before
    assert adopted.realm.users() == adopted.users


def test_a_new_user_of_an_alias_with_dots_gets_an_account_and_one_without_an_identifier_none(
    adopted: Adopted,
) -> None:
    [kind] = [one for one in KINDS if one.alias == "Corp.SSO"]
    new = adopted.realm.enter(replace(kind, claims={"sub": "new.one", "email": "new@partner.example"}))
    user = adopted.realm.connection.get(f"users/{new.user_id}")
    try:
        assert user["username"] == "corp.sso.new.one"
        assert user["attributes"]["partner_id"] == ["corp-sso"]
    finally:
        adopted.realm.connection.delete(f"users/{new.user_id}")
    with pytest.raises(LoginRefusedError):
        adopted.realm.enter(replace(kind, claims={"sub": "", "email": "none@partner.example"}))
    for left in adopted.realm.users() - adopted.users:
        adopted.realm.connection.delete(f"users/{left}")


@pytest.mark.parametrize(
    ("alias", "line"),
    [
        ("no-pkce", "sign_in.pkce: S256 instead of no PKCE"),
        ("wide-clock", "sign_in.clock_skew_seconds: 60 instead of 300"),
        ("odd-clock", "sign_in.clock_skew_seconds: 0 instead of abc"),
        ("no-issuer", "sign_in.issuer: http"),
        ("no-signature", "instead of no check of signatures"),
        ("gate", "only users with dept matching it"),
        ("inexact", "it grants the role manager by a regular expression: groups matches adm-.*"),
        ("inexact", "groups = staff and groups = boss"),
        ("extended", "it grants the role chief, which includes manager"),
        ("extended", "/Shift has the role night"),
        ("saml-email", "PG105"),
        ("saml-sha1", "sign_in.signature_algorithm: RSA_SHA256 instead of RSA_SHA1"),
        ("saml-unsigned", "wantAssertionsSigned false"),
        ("local-name", "the user name is always <alias>.<subject>, not ${ALIAS}-${CLAIM.email}"),
    ],
)
def test_a_difference_is_listed_at_the_top_of_the_file_and_in_the_output(
    adopted: Adopted, alias: str, line: str
) -> None:
    head = adopted.file_of(alias).partition("\npartnergate:")[0]
    assert line in head
    assert line in adopted.imported.output


@pytest.mark.parametrize(
    ("partner", "old", "new", "texts"),
    [
        ("by-oid", "subject: oid", "subject: sub", ("the claim sub", "the claim oid")),
        ("saml-left-over", "subject: name_id", "subject: uid", ("the SAML attribute uid", "the NameID")),
    ],
)
def test_another_subject_is_refused_with_the_number_of_linked_users(
    adopted: Adopted, partner: str, old: str, new: str, texts: tuple[str, str]
) -> None:
    path = adopted.directory / f"partners/{partner}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        ran = adopted.run("apply", "-e", "demo", "--partner", partner, "--yes", "--adopt")
        assert ran.exit_code != ExitCode.OK
        assert f"identifies users by {texts[0]} instead of {texts[1]}" in ran.errors
        assert "1 linked user loses its account" in ran.errors
        assert f"--allow-subject-change {partner}" in ran.errors
    finally:
        path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("kind", INEXPRESSIBLE, ids=lambda kind: kind.alias)
def test_a_provider_with_an_inexpressible_identifier_is_skipped_with_it(adopted: Adopted, kind: Kind) -> None:
    assert f"{kind.alias}: skipped: its users are identified by" in adopted.imported.output
    assert kind.alias in adopted.planned.output
