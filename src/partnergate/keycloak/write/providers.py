"""Writes identity providers and their mappers; sends secrets only to the place they are meant for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import SecretError
from partnergate.keycloak.connection import segment
from partnergate.keycloak.write.fields import merged_over
from partnergate.realm.ownership import MASK, OWNER_MARK, SECRET_MARK
from partnergate.realm.representation import mapper_to, provider_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.whole_realm import Representation
    from partnergate.keycloak.write.context import WriteContext
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource

PROVIDERS: Final = "identity-provider/instances"
SECRET: Final = "clientSecret"  # noqa: S105 - the name of a key
PLACE: Final = frozenset({"config.tokenUrl", "config.clientId", "config.clientAuthMethod", "config.issuer"})
"""Fields that determine where, as which client and how a secret is sent."""
_SERVERS_OWN: Final = ("internalId", "organizationId", "types", "updateProfileFirstLoginMode")
"""Fields that only the server sets; the organization link has its own endpoint."""


class ProviderWriter:
    """Providers. An update is one PUT; it never deletes and creates again."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        alias = resource.key.name
        body = provider_to(resource)
        self._add_secrets(body, resource)
        path = f"{PROVIDERS}/{segment(alias)}"

        def find() -> tuple[str, Representation] | None:
            # The list, because a failed import leaves a phantom that only a GET by alias returns.
            listed = self._context.connection.get(PROVIDERS, search=alias, first=0, max=1000)
            return next(((alias, p) for p in listed if p["alias"] == alias), None)

        self._context.create(PROVIDERS, body, find=find, what=f"the provider {alias}")
        return self._context.undo_create(path)

    def enable(self, resource: Resource) -> Callable[[], str]:
        """Enable a provider that this run created disabled; the mask keeps the stored secret."""
        alias = resource.key.name
        path = f"{PROVIDERS}/{segment(alias)}"
        body = provider_to(resource)
        for secret in resource.secrets:
            body["config"][secret.name] = MASK
        self._context.connection.put(path, body)

        def undo() -> str:
            self._context.connection.put(path, body | {"enabled": False})
            return ""

        return undo

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]:
        alias = actual.key.name
        before = self._context.require(self._context.snapshot.providers, alias, f"the provider {alias}")
        body = _sendable(merged_over(before, changes))
        config: dict[str, Any] = body["config"]
        config[OWNER_MARK] = desired.owner
        secret_changes = any(change.secret for change in changes)
        if secret_changes:
            config.pop(SECRET_MARK, None)
            if config.get(SECRET) == MASK:
                del config[SECRET]
            self._add_secrets(body, desired)
        elif config.get(SECRET) == MASK and PLACE & {change.name for change in changes}:
            raise SecretError(
                f"the secret of {alias} would be sent to an address that it was not set for",
                advice="declare the secret in the partner file, so that it is sent with the new address",
            )
        path = f"{PROVIDERS}/{segment(alias)}"
        self._context.connection.put(path, body)
        return lambda: self._roll_back(path, before, secret_was_sent=secret_changes, after=config)

    def delete(self, actual: Resource) -> Callable[[], str]:
        alias = actual.key.name
        self._context.delete(f"{PROVIDERS}/{segment(alias)}")
        return lambda: f"provider {alias} was deleted with the links of its users"

    def _add_secrets(self, body: Representation, resource: Resource) -> None:
        """Resolve each secret for the place that it is sent to, and add its fingerprint."""
        for secret in resource.secrets:
            if secret.ref is None:
                continue
            self._context.check_secret(resource)
            body["config"][secret.name] = self._context.resolve(secret.ref)
            body["config"][SECRET_MARK] = secret.fingerprint

    def _roll_back(
        self, path: str, before: Representation, *, secret_was_sent: bool, after: dict[str, Any]
    ) -> str:
        """Restore everything but a replaced secret, which cannot be read back.

        The new secret must not be sent to the old place: if that has changed, the provider is restored
        without a secret, and the next apply sends the correct one.
        """
        body = _sendable(before)
        lost = secret_was_sent and body["config"].get(SECRET) == MASK
        if lost:
            body["config"] = {k: v for k, v in body["config"].items() if k != SECRET_MARK}
            same_place = all(
                body["config"].get(name) == after.get(name)
                for name in (field.removeprefix("config.") for field in PLACE)
            )
            if not same_place:
                del body["config"][SECRET]
        self._context.connection.put(path, body)
        if not lost:
            return ""
        return f"the earlier client secret of {body['alias']} cannot be read back; apply again to set it"


class MapperWriter:
    """Mappers of providers. The library has no call to delete one, and does not enforce unique names."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        return self._create(mapper_to(resource))

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]:
        before = self._before(actual)
        body = merged_over(before, changes)
        path = f"{_mappers(desired.key.parent)}/{before['id']}"
        self._context.connection.put(path, body)

        def undo() -> str:
            self._context.connection.put(path, before)
            return ""

        return undo

    def delete(self, actual: Resource) -> Callable[[], str]:
        before = self._before(actual)
        self._context.delete(f"{_mappers(actual.key.parent)}/{before['id']}")

        def undo() -> str:
            self._create({k: v for k, v in before.items() if k != "id"})
            return ""

        return undo

    def _before(self, actual: Resource) -> Representation:
        key = (actual.key.parent, actual.key.name)
        return self._context.require(self._context.snapshot.mappers, key, f"the mapper {'/'.join(key)}")

    def _create(self, body: Representation) -> Callable[[], str]:
        alias, name = body["identityProviderAlias"], body["name"]
        path = _mappers(alias)

        def find() -> tuple[str, Representation] | None:
            listed = self._context.connection.get(path)
            return next(((m["id"], m) for m in listed if m["name"] == name), None)

        identity = self._context.create(path, body, find=find, what=f"the mapper {alias}/{name}")
        return self._context.undo_create(f"{path}/{identity}")


def _mappers(alias: str) -> str:
    return f"{PROVIDERS}/{segment(alias)}/mappers"


def _sendable(provider: Representation) -> Representation:
    """A provider as PUT needs it: always with a config, without the fields that only the server sets."""
    kept = {k: v for k, v in provider.items() if k not in _SERVERS_OWN}
    return kept | {"config": dict(provider.get("config", {}))}
