"""The names of secrets: each belongs to exactly one partner."""

from __future__ import annotations

from partnergate.model.partner import SecretSource

_WORDS = "client-secret"
RESERVED_PREFIXES = (
    "ACTIONS_", "AGENT_", "ANSIBLE_", "ARM_", "AWS_", "AZURE_", "BITBUCKET_", "BUILDKITE_", "CARGO_",
    "CIRCLE_", "CI_", "CLOUDSDK_", "DATABASE_", "DOCKER_", "DRONE_", "GCP_", "GITEA_", "GITHUB_", "GITLAB_",
    "GOOGLE_", "JENKINS_", "KC_", "KEYCLOAK_", "KUBERNETES_", "LD_", "NPM_", "OIDC_", "PARTNERGATE_",
    "PIP_", "POSTGRES_", "RUNNER_", "SSH_", "SYSTEM_", "TEAMCITY_", "TF_", "TRAVIS_", "TWINE_",
    "VAULT_",
)  # fmt: skip
"""Variables of partnergate, of CI systems, of clouds, and of other programs of the host."""


def secret_names(partner: str, alias: str, source: SecretSource) -> tuple[str, ...]:
    """Return the names that the secret of a provider may have: with the partner ID, or with both IDs.

    Empty for a partner whose ID contains ``client-secret``: ``acme`` with the provider ``b-client-secret``
    would have the same names as ``acme-client-secret-b``. Vault keys have dashes, variables are in
    capital letters, and files have underscores. IDs contain neither underscores nor capital letters, so
    the names of different partners differ.
    """
    if _WORDS in partner:
        return ()
    provider = alias.removeprefix(partner).strip("-")
    names = [f"{partner}-{_WORDS}"]
    names += [f"{names[0]}-{provider}"] if provider else []
    return tuple(_written(name, source) for name in names)


def webhook_secret_name(partner: str, source: SecretSource) -> str | None:
    """Return the name of the secret for webhooks to a partner; None where it would be ambiguous."""
    return None if _WORDS in partner else _written(f"{partner}-webhook-secret", source)


def _written(name: str, source: SecretSource) -> str:
    match source:
        case SecretSource.VAULT:
            return name
        case SecretSource.ENV:
            return name.replace("-", "_").upper()
        case SecretSource.FILE:
            return name.replace("-", "_")


def reserved_prefix(variable: str) -> str | None:
    """Return the reserved prefix that the name of a variable has, or None."""
    return next((prefix for prefix in RESERVED_PREFIXES if variable.startswith(prefix)), None)
