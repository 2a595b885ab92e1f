"""Secrets at the edge: found where a file names them, fingerprinted, never shown."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from partnergate.errors import SecretError, UsageError
from partnergate.keycloak.credentials import AdminUser, Destination, ServiceAccount, credentials_for
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver, fingerprint_key
from partnergate.model.partner import SecretRef, SecretSource

if TYPE_CHECKING:
    from pathlib import Path

HUSH = "do-not-show-this-value"
URL = {"PARTNERGATE_KEYCLOAK_URL": "https://id.host.example"}
SERVER = Destination(server_url="https://id.host.example/auth", named_at="realm_templates/demo.yaml:5")
ENV = SecretRef(source=SecretSource.ENV, name="ACME")


def test_a_vault_reference_is_passed_through() -> None:
    assert SecretResolver(environ={})(SecretRef(source=SecretSource.VAULT, name="acme")) == "${vault.acme}"


def test_a_file_loses_its_last_line_end_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "acme").write_text(" with spaces \n")
    resolve = SecretResolver(environ={}, directory=tmp_path)
    assert resolve(SecretRef(source=SecretSource.FILE, name="acme")) == " with spaces "


@pytest.mark.parametrize("value", ["", "**********", "${vault.other}"])
def test_what_is_no_secret_is_refused(value: str) -> None:
    with pytest.raises(SecretError, match="ACME"):
        SecretResolver(environ={"ACME": value})(ENV)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"x" * 70_000])
def test_a_file_without_a_secret_is_refused_by_name(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "acme").write_bytes(content)
    with pytest.raises(SecretError, match="the file acme"):
        SecretResolver(environ={}, directory=tmp_path)(SecretRef(source=SecretSource.FILE, name="acme"))


def test_a_fingerprint_depends_on_value_place_and_key() -> None:
    def fingerprint(value: str, place: str, key: bytes = b"one") -> str:
        return KeyedFingerprints(key=key, resolve=SecretResolver(environ={"ACME": value}))(ENV, place)

    assert fingerprint(HUSH, "here") == fingerprint(HUSH, "here")
    assert len({fingerprint(HUSH, "here"), fingerprint("x", "here"), fingerprint(HUSH, "there"),
                fingerprint(HUSH, "here", b"two"), fingerprint(f"e{HUSH}", "her")}) == 5  # fmt: skip


def test_no_representation_shows_a_secret() -> None:
    resolve = SecretResolver(environ={"ACME": HUSH})
    holders = (
        resolve,
        KeyedFingerprints(key=HUSH.encode(), resolve=resolve),
        ServiceAccount(client_id="ci", client_secret=HUSH),
        AdminUser(user="admin", password=HUSH),
    )
    assert HUSH not in repr(holders)


def test_a_shared_realm_needs_a_shared_key(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="PARTNERGATE_FINGERPRINT_KEY is not set"):
        fingerprint_key({}, state_directory=tmp_path, key_file_allowed=False)
    assert list(tmp_path.iterdir()) == []


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match="shorter"):
        fingerprint_key(
            {"PARTNERGATE_FINGERPRINT_KEY": "short"}, state_directory=tmp_path, key_file_allowed=True
        )


def test_the_key_file_is_readable_by_its_owner_only_and_is_reused(tmp_path: Path) -> None:
    directory = tmp_path / "state"
    first = fingerprint_key({}, state_directory=directory, key_file_allowed=True)
    assert stat.S_IMODE((directory / "fingerprint.key").stat().st_mode) == 0o600
    assert fingerprint_key({}, state_directory=directory, key_file_allowed=True) == first


def test_a_service_account_wins_over_a_user() -> None:
    pair = {"PARTNERGATE_KEYCLOAK_CLIENT_ID": "ci", "PARTNERGATE_KEYCLOAK_CLIENT_SECRET": HUSH}
    user = {"PARTNERGATE_KEYCLOAK_USER": "admin", "PARTNERGATE_KEYCLOAK_PASSWORD": HUSH}
    assert isinstance(credentials_for(SERVER, URL | pair | user), ServiceAccount)
    assert isinstance(credentials_for(SERVER, URL | user), AdminUser)


@pytest.mark.parametrize(
    "environ", [{}, {"PARTNERGATE_KEYCLOAK_CLIENT_ID": "ci"}, {"PARTNERGATE_KEYCLOAK_PASSWORD": HUSH}]
)
def test_half_a_pair_is_an_error_that_names_the_other_half(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as refused:
        credentials_for(SERVER, URL | environ)
    assert "PARTNERGATE_KEYCLOAK_" in refused.value.diagnostics()
    assert HUSH not in refused.value.diagnostics()


def test_without_a_directory_no_secret_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "acme").write_text(HUSH)
    ref = SecretRef(source=SecretSource.FILE, name=str(tmp_path / "acme"))
    resolve = SecretResolver(environ={})
    assert not resolve.is_available(ref)
    with pytest.raises(SecretError, match="no secrets directory") as refused:
        resolve(ref)
    assert "PARTNERGATE_SECRETS_DIR" in refused.value.diagnostics()


@pytest.mark.parametrize(
    "name", ["/proc/self/environ", "../outside", "link", "deeper/acme", "pipe", "directory"]
)
def test_a_file_outside_the_directory_or_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    directory = tmp_path / "secrets"
    (directory / "deeper").mkdir(parents=True)
    (directory / "directory").mkdir()
    (directory / "deeper/acme").write_text(HUSH)
    (tmp_path / "outside").write_text(HUSH)
    (directory / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(directory / "pipe")
    resolve = SecretResolver(environ={}, directory=directory)
    ref = SecretRef(source=SecretSource.FILE, name=name)
    assert not resolve.is_available(ref)
    with pytest.raises(SecretError):
        resolve(ref)


USER = {"PARTNERGATE_KEYCLOAK_USER": "admin", "PARTNERGATE_KEYCLOAK_PASSWORD": HUSH}


@pytest.mark.parametrize(
    "server_url",
    [
        "https://id.host.example.evil.example",
        "https://evil.example/id.host.example",
        "https://id.host.example@evil.example",
        "https://evil.example\\@id.host.example",
        "http://id.host.example",
        "https://id.host.example:8443",
        "file:///etc/passwd",
        "nonsense",
    ],
)
def test_credentials_are_not_for_another_origin(server_url: str) -> None:
    named = Destination(server_url=server_url, named_at="realm_templates/demo.yaml:5")
    with pytest.raises(UsageError, match=r"realm_templates/demo\.yaml:5 names another server") as refused:
        credentials_for(named, URL | USER)
    assert HUSH not in refused.value.diagnostics()


def test_the_origin_is_compared_and_not_the_spelling() -> None:
    for server_url in ("https://ID.host.example:443/", "https://id.host.example/auth"):
        assert credentials_for(Destination(server_url=server_url), URL | USER)


@pytest.mark.parametrize("given", ["", "id.host.example", "ftp://id.host.example"])
def test_credentials_need_the_server_that_they_are_for(given: str) -> None:
    with pytest.raises(UsageError, match="PARTNERGATE_KEYCLOAK_URL"):
        credentials_for(SERVER, USER | {"PARTNERGATE_KEYCLOAK_URL": given})
