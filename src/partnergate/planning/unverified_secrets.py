"""Secrets that could not be read when the plan was created: listed by the plan, verified by apply."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.realm.ownership import UNCHECKED

if TYPE_CHECKING:
    from partnergate.realm.state import RealmState


def unverified_secrets(desired: RealmState, only_partners: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return each provider with the place from which apply resolves the secret."""
    return tuple(
        f"{resource.key.name} ({secret.ref.source.value} {secret.ref.name})"
        for resource in desired.resources
        if not only_partners or resource.owner in only_partners
        for secret in resource.secrets
        if secret.fingerprint == UNCHECKED and secret.ref is not None
    )
