"""``RealmWriter`` over the Admin API, with one writer for each kind of resource."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.keycloak.write.clients import ClientScopeWriter, ClientWriter
from partnergate.keycloak.write.context import KindWriter, WriteContext, snapshot_of
from partnergate.keycloak.write.flows import FlowWriter
from partnergate.keycloak.write.organizations import OrganizationWriter
from partnergate.keycloak.write.providers import MapperWriter, ProviderWriter
from partnergate.keycloak.write.realm import (
    EventsConfigWriter,
    GroupWriter,
    RealmSettingsWriter,
    RoleWriter,
    UserProfileWriter,
)
from partnergate.planning.changes import Adopt, Create, Delete, NoOp, Replace, Update
from partnergate.planning.stages import StepKind
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.keycloak.whole_realm import Representation
    from partnergate.planning.stages import PlanStep
    from partnergate.realm.state import Resource


class KeycloakWriter:
    """Applies changes of one plan, merged into ``representation``, the realm that was read last."""

    def __init__(
        self,
        connection: KeycloakConnection,
        representation: Representation,
        *,
        resolve: SecretResolver,
        check_secret: Callable[[Resource], None],
    ) -> None:
        context = WriteContext(connection, snapshot_of(representation), resolve, check_secret)
        self._context = context
        self._providers = ProviderWriter(context)
        self._kinds: dict[ResourceKind, KindWriter] = {
            ResourceKind.REALM: RealmSettingsWriter(context),
            ResourceKind.USER_PROFILE: UserProfileWriter(context),
            ResourceKind.EVENTS_CONFIG: EventsConfigWriter(context),
            ResourceKind.ROLE: RoleWriter(context),
            ResourceKind.GROUP: GroupWriter(context),
            ResourceKind.FLOW: FlowWriter(context),
            ResourceKind.CLIENT_SCOPE: ClientScopeWriter(context),
            ResourceKind.CLIENT: ClientWriter(context),
            ResourceKind.IDENTITY_PROVIDER: self._providers,
            ResourceKind.IDENTITY_PROVIDER_MAPPER: MapperWriter(context),
            ResourceKind.ORGANIZATION: OrganizationWriter(context),
        }

    def check(self, step: PlanStep) -> None:
        """Resolve every secret that the step sends, so that a missing one fails before any write."""
        if step.kind is StepKind.ENABLE:
            return
        match step.change:
            case Create(desired=desired) | Replace(desired=desired):
                self._check_secrets(desired)
            case Update(desired=desired, fields=fields) | Adopt(desired=desired, fields=fields):
                if any(field.secret for field in fields):
                    self._check_secrets(desired)
            case Delete() | NoOp():
                return

    def carry_out(self, step: PlanStep) -> Callable[[], str]:
        change = step.change
        kind = self._kinds[change.key.kind]
        match step.kind, change:
            case StepKind.ENABLE, Create(desired=desired) | Replace(desired=desired):
                return self._providers.enable(desired)
            case StepKind.CREATE_DISABLED, Create(desired=desired):
                return kind.create(_disabled(desired))
            case StepKind.CREATE_DISABLED, Replace(desired=desired, actual=actual):
                return _replace(kind, _disabled(desired), actual)
            case StepKind.APPLY, Create(desired=desired):
                return kind.create(desired)
            case StepKind.APPLY, Replace(desired=desired, actual=actual):
                return _replace(kind, desired, actual)
            case StepKind.APPLY, (Update() | Adopt()) as update:
                return kind.update(update.desired, update.actual, update.fields)
            case StepKind.APPLY, Delete(actual=actual):
                return kind.delete(actual)
            case _:
                raise NotImplementedError(f"cannot {step.kind.value} {change.key}")

    def _check_secrets(self, resource: Resource) -> None:
        if any(secret.ref is not None for secret in resource.secrets):
            self._context.check_secret(resource)


def _disabled(resource: Resource) -> Resource:
    return replace(resource, fields={**resource.fields, "enabled": False})


def _replace(kind: KindWriter, desired: Resource, actual: Resource) -> Callable[[], str]:
    restore = kind.delete(actual)
    try:
        remove = kind.create(desired)
    except Exception:
        restore()
        raise

    def undo() -> str:
        return " ".join(filter(None, (remove(), restore())))

    return undo
