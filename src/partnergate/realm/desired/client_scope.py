"""The client scopes of host clients: one adds the partner to tokens, the other adds roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnergate.model.partner import PARTNER_ID
from partnergate.realm.comparable import freeze
from partnergate.realm.normalize import resource
from partnergate.realm.ownership import (
    IDENTITY_PROVIDER_NOTE,
    PARTNER_SCOPE,
    REALM_OWNER,
    ROLES_SCOPE,
)
from partnergate.realm.state import Resource, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.model.environment import RealmSpec
    from partnergate.realm.state import FieldValue

_SHARED: Final[dict[str, FieldValue]] = {
    "attributes.display.on.consent.screen": "false",
    "attributes.include.in.token.scope": "false",
    "protocol": "openid-connect",
}
_IN_TOKENS: Final = {"access.token.claim": "true", "introspection.token.claim": "true"}
_SUBJECT: Final[dict[str, object]] = {
    "config": _IN_TOKENS,
    "name": "sub",
    "protocolMapper": "oidc-sub-mapper",
}
_ROLES: Final[dict[str, object]] = {
    "config": _IN_TOKENS
    | {"claim.name": "realm_access.roles", "jsonType.label": "String", "multivalued": "true"},
    "name": "realm roles",
    "protocolMapper": "oidc-usermodel-realm-role-mapper",
}


def client_scope_resources(realm: RealmSpec) -> Iterator[Resource]:
    """Yield the partner scope, and the scope that adds the roles of the templates to tokens.

    They also add what the built-in scopes ``basic`` and ``roles`` usually add, because a realm may not
    have these scopes, or have them without mappers. Both mappers write the same value.

    They are separate, because Keycloak omits a scope with roles for users who have none of them.
    """
    mappers = [*(_note_mapper(note) for note in sorted((PARTNER_ID, IDENTITY_PROVIDER_NOTE))), _SUBJECT]
    yield _scope(
        PARTNER_SCOPE,
        {"description": "Names the partner of the session", "protocolMappers": freeze(mappers)},
    )
    if realm.roles:
        roles = tuple(sorted(role.name for role in realm.roles))
        yield _scope(
            ROLES_SCOPE,
            {
                "description": "Roles that partners may grant",
                "protocolMappers": freeze([_ROLES]),
                "scopeRoles": roles,
            },
        )


def _note_mapper(note: str) -> dict[str, object]:
    """Return a mapper that copies a session note to every token. Only the realm writes session notes."""
    config = {
        "access.token.claim": "true",
        "claim.name": note,
        "id.token.claim": "true",
        "introspection.token.claim": "true",
        "jsonType.label": "String",
        "user.session.note": note,
        "userinfo.token.claim": "true",
    }
    return {"config": config, "name": note, "protocolMapper": "oidc-usersessionmodel-note-mapper"}


def _scope(name: str, fields: dict[str, FieldValue]) -> Resource:
    return resource(ResourceKind.CLIENT_SCOPE, name, _SHARED | fields, owner=REALM_OWNER)
