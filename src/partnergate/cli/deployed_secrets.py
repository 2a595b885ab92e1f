"""The secrets that checks of partners may send: those that the realm already has."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from partnergate.doctor.deployed_secrets import DeployedSecrets
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver, fingerprint_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.environment import RealmSpec


def deployed_secrets(
    realm: RealmSpec,
    connection: KeycloakConnection | None,
    *,
    root: Path,
    secrets_dir: Path | None,
    environ: Mapping[str, str],
    for_partner: bool = False,
) -> DeployedSecrets:
    """Look up secrets with the fingerprint key of ``environ``, which is read at the first use.

    ``for_partner``: the partner reads the reasons why a secret was not sent.
    """
    from partnergate.cli.realm.access import state_directory

    @cache
    def fingerprints() -> KeyedFingerprints:
        key = fingerprint_key(
            environ,
            state_directory=state_directory(root, environ),
            key_file_allowed=realm.network.allow_loopback_http,
        )
        return KeyedFingerprints(key=key, resolve=SecretResolver(environ=environ, directory=secrets_dir))

    return DeployedSecrets(
        realm=realm, connection=connection, fingerprints=fingerprints, for_partner=for_partner
    )
