"""``RealmWriter`` over the Admin API: one writer a kind, chosen by the kind of the resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.keycloak.write_clients import ClientScopeWriter, ClientWriter
from partnergate.keycloak.write_flows import FlowWriter
from partnergate.keycloak.write_organizations import OrganizationWriter
from partnergate.keycloak.write_providers import MapperWriter, ProviderWriter
from partnergate.keycloak.write_realm import (
    EventsConfigWriter,
    GroupWriter,
    RealmSettingsWriter,
    RoleWriter,
    UserProfileWriter,
)
from partnergate.keycloak.writing import KindWriter, Writing, snapshot_of
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.keycloak.representation import Representation
    from partnergate.keycloak.secrets import SecretResolver
    from partnergate.planning.changes import Adopt, Create, Delete, Replace, Update
    from partnergate.realm.state import Resource


class KeycloakWriter:
    """Carries out changes of one plan, merged into ``representation``, the realm as just read."""

    def __init__(
        self,
        connection: KeycloakConnection,
        representation: Representation,
        *,
        resolve: SecretResolver,
        check_secret: Callable[[Resource], None],
    ) -> None:
        writing = Writing(connection, snapshot_of(representation), resolve, check_secret)
        self._kinds: dict[ResourceKind, KindWriter] = {
            ResourceKind.REALM: RealmSettingsWriter(writing),
            ResourceKind.USER_PROFILE: UserProfileWriter(writing),
            ResourceKind.EVENTS_CONFIG: EventsConfigWriter(writing),
            ResourceKind.ROLE: RoleWriter(writing),
            ResourceKind.GROUP: GroupWriter(writing),
            ResourceKind.FLOW: FlowWriter(writing),
            ResourceKind.CLIENT_SCOPE: ClientScopeWriter(writing),
            ResourceKind.CLIENT: ClientWriter(writing),
            ResourceKind.IDENTITY_PROVIDER: ProviderWriter(writing),
            ResourceKind.IDENTITY_PROVIDER_MAPPER: MapperWriter(writing),
            ResourceKind.ORGANIZATION: OrganizationWriter(writing),
        }

    def create(self, change: Create) -> Callable[[], str]:
        return self._kinds[change.key.kind].create(change.desired)

    def update(self, change: Update | Adopt) -> Callable[[], str]:
        return self._kinds[change.key.kind].update(change.desired, change.actual, change.fields)

    def replace(self, change: Replace) -> Callable[[], str]:
        kind = self._kinds[change.key.kind]
        restore = kind.delete(change.actual)
        try:
            remove = kind.create(change.desired)
        except Exception:
            restore()
            raise

        def undo() -> str:
            return " ".join(filter(None, (remove(), restore())))

        return undo

    def delete(self, change: Delete) -> Callable[[], str]:
        return self._kinds[change.key.kind].delete(change.actual)
