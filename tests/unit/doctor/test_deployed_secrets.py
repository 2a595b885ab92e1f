"""A check sends a secret only if the realm already sends the same one to the same place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from builders.partners import SECRET_VARIABLE, oidc_partner, saml_partner
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.doctor.deployed_secrets import DeployedSecrets, NotSent
from partnergate.errors import SecretError
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver
from partnergate.model.partner import SecretRef, SecretSource
from worlds.reconciling import KEY, Reconciler

if TYPE_CHECKING:
    from pathlib import Path

    from partnergate.model.partner import ProviderSpec

ACME = oidc_partner("acme")
SERVER = "http://fake.invalid"


@pytest.fixture
def reconciler() -> Reconciler:
    made = Reconciler(FakeKeycloak().connection("host"), host_realm("host", SERVER), workers=1)
    made.converge([ACME])
    return made


@pytest.fixture
def look_up(reconciler: Reconciler) -> Any:
    """The result for acme, with another sign-in or other values of secrets."""

    def found(provider: ProviderSpec | None = None, **changed: Any) -> str | NotSent:
        settings = {
            "realm": reconciler.realm,
            "connection": reconciler.connection,
            "fingerprints": lambda: reconciler.fingerprints,
        }
        return DeployedSecrets(**settings | changed)(provider or ACME.providers[0])

    return found


def signing_in(**changed: Any) -> ProviderSpec:
    (provider,) = ACME.providers
    return replace(provider, sign_in=replace(provider.sign_in, **changed))


def test_the_applied_secret_of_the_applied_file_is_sent(look_up: Any) -> None:
    assert look_up() == "first-secret"


@pytest.mark.parametrize(
    "changed",
    [
        {"token_url": "https://elsewhere.example/token"},
        {"client_id": "another-client"},
        {"client_authentication": "client_secret_post"},
        {"client_secret": SecretRef(source=SecretSource.ENV, name="SOMETHING_ELSE")},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_file_that_is_not_applied_sends_nothing(look_up: Any, reconciler: Reconciler, changed: Any) -> None:
    """The sidecar loads such a file at once, so its readiness page would send any secret anywhere."""
    reconciler.environ["SOMETHING_ELSE"] = "another-secret-of-the-host"
    reason = look_up(signing_in(**changed)).reason
    assert reason == "the file is not applied yet"


def test_a_file_of_the_machine_is_never_sent(look_up: Any, tmp_path: Path) -> None:
    (tmp_path / "acme_client_secret").write_text("a value that is not applied")
    resolve = SecretResolver(environ={}, directory=tmp_path)
    keyed = KeyedFingerprints(key=KEY, resolve=resolve)
    for name in ("/proc/self/environ", "acme_client_secret"):
        provider = signing_in(client_secret=SecretRef(source=SecretSource.FILE, name=name))
        assert isinstance(look_up(provider, fingerprints=lambda: keyed), NotSent)


def test_a_rotated_secret_is_not_sent_before_it_is_applied(look_up: Any, reconciler: Reconciler) -> None:
    reconciler.environ[SECRET_VARIABLE] = "second-secret"
    assert look_up().reason == "the file is not applied yet"
    reconciler.converge([ACME])
    assert look_up() == "second-secret"


def test_a_token_url_that_was_changed_in_the_realm_gets_nothing(look_up: Any, reconciler: Reconciler) -> None:
    path = "identity-provider/instances/acme"
    found = reconciler.connection.get(path)
    found["config"]["tokenUrl"] = "https://elsewhere.example/token"
    reconciler.connection.put(path, found)
    assert look_up().reason == "the file is not applied yet"
    assert look_up(signing_in(token_url="https://elsewhere.example/token")).reason


def test_without_the_realm_or_the_key_nothing_is_sent(look_up: Any) -> None:
    def no_key() -> KeyedFingerprints:
        raise SecretError("PARTNERGATE_FINGERPRINT_KEY is not set")

    assert "the realm cannot be read here" in look_up(connection=None).reason
    assert "PARTNERGATE_FINGERPRINT_KEY" in look_up(fingerprints=no_key).reason
    assert "PARTNERGATE" not in "".join(look_up(fingerprints=no_key, for_partner=True))


def test_a_provider_that_the_realm_does_not_have_is_not_applied(look_up: Any) -> None:
    assert look_up(replace(ACME.providers[0], alias="other")).reason == "the file is not applied yet"


def test_vault_keys_and_other_protocols_have_no_secret_here(look_up: Any) -> None:
    vault = SecretRef(source=SecretSource.VAULT, name="acme-client-secret")
    assert "only the realm can read" in look_up(signing_in(client_secret=vault)).reason
    assert "only the realm has the key" in look_up(signing_in(client_secret=None)).reason
    assert isinstance(look_up(saml_partner("acme").providers[0]), NotSent)
