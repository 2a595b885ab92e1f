"""An import reports each mapper that no partner file can express, in its output and in the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from fakes.keycloak.server import FakeKeycloak
from partnergate.cli.realm import import_
from partnergate.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

NOTE = "mail\\n (plugin-idp-mapper): partner files cannot express mappers of type plugin-idp-mapper"


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Any:
    connection = FakeKeycloak().connection("host")
    connection.post("/admin/realms", {"realm": "host", "enabled": True})
    monkeypatch.setattr("partnergate.keycloak.connection.connect", lambda **_: connection)
    for name in ("CLIENT_ID", "CLIENT_SECRET"):
        monkeypatch.setenv(f"PARTNERGATE_KEYCLOAK_{name}", "test")
    config = {
        "issuer": "https://login.acme.example",
        "authorizationUrl": "https://login.acme.example/authorize",
        "tokenUrl": "https://login.acme.example/token",
        "jwksUrl": "https://login.acme.example/jwks",
        "clientId": "host-app",
        "clientSecret": "secret",
        "pkceEnabled": "true",
        "pkceMethod": "S256",
    }
    provider = {"alias": "acme", "providerId": "oidc", "enabled": True, "config": config}
    connection.post("identity-provider/instances", provider)
    return connection


def import_realm(root: Path) -> str:
    arguments = ["-e", "demo", "--server-url", "https://id.example", "--realm", "host", "--root", str(root)]
    ran = CliRunner().invoke(import_.command, arguments, catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_a_mapper_that_was_not_imported_is_reported_with_the_reason(connection: Any, tmp_path: Path) -> None:
    mapper = {
        "name": "mail\n",
        "identityProviderAlias": "acme",
        "identityProviderMapper": "plugin-idp-mapper",
        "config": {},
    }
    connection.post("identity-provider/instances/acme/mappers", mapper)
    assert "acme: draft; its file lists" in (output := import_realm(tmp_path))
    assert f"    mapper not imported: {NOTE}\n" in output
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert (
        f"# Mappers that were not imported, because no partner file can express them:\n#   {NOTE}\n" in text
    )


def test_a_provider_without_such_mappers_has_no_note(connection: Any, tmp_path: Path) -> None:
    assert "not imported" not in import_realm(tmp_path)
    assert "not imported" not in (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")


def test_a_provider_of_partnergate_that_was_changed_by_hand_stays_deployed(
    connection: Any, tmp_path: Path
) -> None:
    """As a draft, the next plan would delete it."""
    provider = connection.get("identity-provider/instances/acme")
    provider["config"] |= {"partnergate.owner": "acme"}
    connection.put("identity-provider/instances/acme", provider)
    assert "acme: differs; its file lists" in (output := import_realm(tmp_path))
    assert "0 exact, 0 drafts, 1 different, 0 skipped" in output
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert "\nstage: live\n" in text
    assert "# The provider was changed in Keycloak. The next apply would:\n" in text


def test_every_change_is_listed_with_both_values(connection: Any, tmp_path: Path) -> None:
    import_realm(tmp_path)
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert "#   adopt identity_provider acme:\n" in text
    assert '#     config.syncMode: (not set) -> "FORCE"\n' in text


def test_a_waived_rule_is_listed_and_needs_an_approver(connection: Any, tmp_path: Path) -> None:
    provider = connection.get("identity-provider/instances/acme")
    provider["config"] |= {"tokenUrl": "https://login.acme.example:8443/token"}
    connection.put("identity-provider/instances/acme", provider)
    output = import_realm(tmp_path)
    assert "    waived: PG121 " in output
    assert "acme: draft; its file lists" in output
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert "# Rules that the provider violates. Each has a waiver that needs an approver:\n#   PG121 " in text
    assert "approved_by: 'no approver yet: name who approves it'" in text


def test_a_part_that_a_file_cannot_have_is_left_out_and_listed(connection: Any, tmp_path: Path) -> None:
    for name, target in (("reserved", "partner_id"), ("usual", "department")):
        mapper = {
            "name": name,
            "identityProviderAlias": "acme",
            "identityProviderMapper": "oidc-user-attribute-idp-mapper",
            "config": {"claim": "dept", "user.attribute": target},
        }
        connection.post("identity-provider/instances/acme/mappers", mapper)
    assert "    left out: identity.attributes.partner_id: dept: PG125 " in import_realm(tmp_path)
    text = (tmp_path / "partners/acme.yaml").read_text(encoding="utf-8")
    assert "  attributes:\n    department: dept\n" in text


def test_an_error_that_no_part_explains_skips_the_provider(connection: Any, tmp_path: Path) -> None:
    provider = connection.get("identity-provider/instances/acme")
    provider["config"] |= {"tokenUrl": "https://192.0.2.7/token"}
    connection.put("identity-provider/instances/acme", provider)
    assert "acme: skipped: PG119 " in import_realm(tmp_path)
    assert not (tmp_path / "partners/acme.yaml").exists()


def test_of_providers_that_exclude_each_other_one_is_imported(connection: Any, tmp_path: Path) -> None:
    provider = connection.get("identity-provider/instances/acme")
    provider["config"]["clientSecret"] = "secret"
    connection.post("identity-provider/instances", provider | {"alias": "acme-copy"})
    for alias in ("globex", "globex-copy"):
        other = {
            "issuer": "https://login.globex.example",
            "authorizationUrl": "https://login.globex.example/a",
        }
        config = provider["config"] | other
        connection.post("identity-provider/instances", provider | {"alias": alias, "config": config})
    output = import_realm(tmp_path)
    assert "0 exact, 2 drafts, 2 skipped" in output
    assert "skipped: PG203 " in output


def test_an_admin_role_and_an_odd_name_are_declared_by_no_template(connection: Any, tmp_path: Path) -> None:
    for name in ("realm-admin", "two words", "plain"):
        connection.post("roles", {"name": name, "description": "over\ntwo lines"})
        mapper = {
            "name": name,
            "identityProviderAlias": "acme",
            "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
            "config": {"role": name},
        }
        connection.post("identity-provider/instances/acme/mappers", mapper)
    output = import_realm(tmp_path)
    assert "left out: identity.roles: {'grant': 'realm-admin'}: PG126 " in output
    assert "left out: identity.roles: {'grant': 'two words'}: PG127 " in output
    base = (tmp_path / "realm_templates/base.yaml").read_text(encoding="utf-8")
    assert "roles:\n- name: plain\ngroups" in base


def test_a_link_to_a_missing_file_is_not_written_through(connection: Any, tmp_path: Path) -> None:
    (tmp_path / "realm_templates").mkdir()
    (tmp_path / "realm_templates/base.yaml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"base\.yaml"):
        import_realm(tmp_path)
    assert not (tmp_path / "elsewhere").exists()
