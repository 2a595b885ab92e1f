"""Checks which secrets a partner file may name: those of its own partner only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.shape.finding import Finding
from partnergate.model.partner import SecretSource
from partnergate.model.secret_names import reserved_prefix, secret_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.language.rules.rule_inputs import ProviderAt


def own_secret(provider: ProviderAt) -> Iterator[Finding]:
    """PG143: the name of a secret belongs to exactly one partner."""
    secret = getattr(provider.sign_in, "client_secret", None)
    if secret is None:
        return
    path = provider.sign("client_secret", secret.source)
    names = secret_names(provider.partner, provider.provider.alias, secret.source)
    if not names:
        yield Finding(
            path,
            'a partner whose ID contains "client-secret" has no secret names that are only for it',
            "use private_key_jwt, or another partner ID",
        )
    elif secret.name not in names:
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
    prefix = reserved_prefix(secret.name)
    if prefix is not None:
        names = {
            kind: secret_names(provider.partner, provider.provider.alias, kind)
            for kind in (SecretSource.VAULT, SecretSource.FILE)
        }
        yield Finding(
            provider.sign("client_secret", secret.source),
            f"environment variable {secret.name} is reserved: {prefix}* is not for secrets of partners",
            "use " + " or ".join(f"{{{kind}: {found[0]}}}" for kind, found in names.items() if found),
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
