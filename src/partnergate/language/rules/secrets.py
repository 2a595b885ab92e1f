"""Checks which secrets a partner file may name: those of its own partner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.partner import SecretSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt

_WORDS = "client-secret"
RESERVED_PREFIXES = (
    "ACTIONS_", "AGENT_", "ANSIBLE_", "ARM_", "AWS_", "AZURE_", "BITBUCKET_", "BUILDKITE_", "CARGO_",
    "CIRCLE_", "CI_", "CLOUDSDK_", "DATABASE_", "DOCKER_", "DRONE_", "GCP_", "GITEA_", "GITHUB_", "GITLAB_",
    "GOOGLE_", "JENKINS_", "KC_", "KEYCLOAK_", "KUBERNETES_", "LD_", "NPM_", "OIDC_", "PARTNERGATE_",
    "PIP_", "POSTGRES_", "RUNNER_", "SSH_", "SYSTEM_", "TEAMCITY_", "TF_", "TRAVIS_", "TWINE_",
    "VAULT_",
)  # fmt: skip
"""Variables of partnergate, of CI systems, of clouds, and of other programs of the host."""


def own_names(provider: ProviderAt, source: SecretSource) -> tuple[str, ...]:
    """Return the names that the secret of a provider may have: with the partner ID, or with both IDs.

    Vault keys have dashes, variables are in capital letters, and files have underscores. IDs contain no
    underscores and no capital letters, so the names of different partners differ.
    """
    name = provider.provider.alias.removeprefix(provider.partner).strip("-")
    names = [f"{provider.partner}-{_WORDS}"]
    names += [f"{names[0]}-{name}"] if name else []
    match source:
        case SecretSource.VAULT:
            return tuple(names)
        case SecretSource.ENV:
            return tuple(name.replace("-", "_").upper() for name in names)
        case SecretSource.FILE:
            return tuple(name.replace("-", "_") for name in names)


def own_secret(provider: ProviderAt) -> Iterator[Finding]:
    """PG143: the name of a secret belongs to exactly one partner."""
    secret = getattr(provider.sign_in, "client_secret", None)
    if secret is None:
        return
    path = provider.sign("client_secret", secret.source)
    if _WORDS in provider.partner:
        # acme with the provider b-client-secret has the same names as the partner acme-client-secret-b.
        yield Finding(
            path,
            f'a partner whose ID contains "{_WORDS}" has no secret names that are only for it',
            "use private_key_jwt, or another partner ID",
        )
    elif secret.name not in (names := own_names(provider, secret.source)):
        yield Finding(
            path,
            f"secret {secret.name} is not named for the provider {provider.provider.alias}",
            f"rename it to {' or '.join(names)}",
        )


def reserved_variable(provider: ProviderAt) -> Iterator[Finding]:
    """PG165: variables of partnergate, of CI systems and of clouds are not for partners."""
    secret = getattr(provider.sign_in, "client_secret", None)
    if secret is None or secret.source is not SecretSource.ENV:
        return
    prefix = next((prefix for prefix in RESERVED_PREFIXES if secret.name.startswith(prefix)), None)
    if prefix is not None:
        vault, file = (own_names(provider, kind)[0] for kind in (SecretSource.VAULT, SecretSource.FILE))
        yield Finding(
            provider.sign("client_secret", secret.source),
            f"environment variable {secret.name} is reserved: {prefix}* is not for secrets of partners",
            f"use {{vault: {vault}}} or {{file: {file}}}",
        )


def usable_file(provider: ProviderAt, problem: Callable[[str], str]) -> Iterator[Finding]:
    """PG166: the file of a secret can be read. ``problem`` describes why a file cannot be used."""
    secret = getattr(provider.sign_in, "client_secret", None)
    if secret is None or secret.source is not SecretSource.FILE:
        return
    if found := problem(secret.name):
        yield Finding(
            provider.sign("client_secret", secret.source),
            f"secret file {secret.name} {found}",
            "create it as a regular file in the secrets directory, with only the secret",
        )
