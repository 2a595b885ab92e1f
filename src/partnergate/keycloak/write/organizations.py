"""Writes organizations and their links to providers, which have their own endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from partnergate.errors import KeycloakRefusedError
from partnergate.keycloak.connection import segment
from partnergate.keycloak.write.context import done_or_undone
from partnergate.realm.comparable import thaw
from partnergate.realm.ownership import NO_DOMAIN, OWNER_MARK
from partnergate.realm.representation import organization_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.whole_realm import Representation
    from partnergate.keycloak.write.context import WriteContext
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource

ORGANIZATIONS = "organizations"
_DOMAIN_WANTED: Final = "at least one domain"
_T = TypeVar("_T")


class OrganizationWriter:
    """Organizations, whose alias is the resource's name."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        alias = resource.key.name
        body = organization_to(resource)

        def find() -> tuple[str, Representation] | None:
            listed = self._context.connection.get(
                ORGANIZATIONS, search=body["name"], exact=True, briefRepresentation=False, first=0, max=100
            )
            return next(((o["id"], o) for o in listed if o.get("alias") == alias), None)

        identity = _with_a_domain(
            body,
            lambda sent: self._context.create(
                ORGANIZATIONS, sent, find=find, what=f"the organization {alias}"
            ),
        )
        new = set(_providers(resource))

        def undo() -> str:
            self._context.delete(f"{ORGANIZATIONS}/{identity}")
            self._restore_links(new, identity)
            return ""

        return done_or_undone(lambda: self._link(identity, set(), new), undo)

    def update(
        self,
        desired: Resource,
        actual: Resource,
        changes: tuple[FieldChange, ...],  # noqa: ARG002 - the whole body is sent
    ) -> Callable[[], str]:
        alias = actual.key.name
        before = self._context.require(self._context.snapshot.organizations, alias, f"organization {alias}")
        old, new = set(before["identityProviders"]), set(_providers(desired))
        path = f"{ORGANIZATIONS}/{before['id']}"
        former = {k: v for k, v in before.items() if k != "identityProviders"}
        body = organization_to(desired)
        body["attributes"] = dict(before.get("attributes", {})) | body["attributes"]
        _with_a_domain(former | body, lambda sent: self._context.connection.put(path, sent))

        def undo() -> str:
            self._context.connection.put(path, former)
            self._link(before["id"], new, old)
            self._restore_links(new - old, before["id"])
            return ""

        return done_or_undone(lambda: self._link(before["id"], old, new), undo)

    def delete(self, actual: Resource) -> Callable[[], str]:
        alias = actual.key.name
        before = self._context.require(self._context.snapshot.organizations, alias, f"organization {alias}")
        self._context.delete(f"{ORGANIZATIONS}/{before['id']}")
        return lambda: f"organization {alias} was deleted with its memberships"

    def _link(self, identity: str, old: set[str], new: set[str]) -> None:
        path = f"{ORGANIZATIONS}/{identity}/identity-providers"
        for alias in sorted(old - new):
            self._context.delete(f"{path}/{segment(alias)}")
        for alias in sorted(new - old):
            # The server refuses a provider of another organization; the plan announces that it moves.
            if holder := self._holder(alias, identity):
                self._context.delete(f"{ORGANIZATIONS}/{holder['id']}/identity-providers/{segment(alias)}")

            def find(alias: str = alias) -> tuple[str, Representation] | None:
                linked = self._context.connection.get(path)
                return next(((alias, p) for p in linked if p["alias"] == alias), None)

            self._context.create(path, alias, find=find, what=f"the link of the provider {alias}")

    def _holder(self, alias: str, identity: str) -> Representation | None:
        """The other organization that had the provider when the realm was read, or None."""
        held_by = self._context.snapshot.providers.get(alias, {}).get("organizationId")
        if not held_by or held_by == identity:
            return None
        return next((o for o in self._context.snapshot.organizations.values() if o["id"] == held_by), None)

    def _restore_links(self, aliases: set[str], identity: str) -> None:
        """Restore links of unmanaged organizations; owned ones are written with their partner."""
        for alias in sorted(aliases):
            holder = self._holder(alias, identity)
            if holder is not None and OWNER_MARK not in holder.get("attributes", {}):
                self._link(holder["id"], set(), {alias})


def _with_a_domain(body: Representation, send: Callable[[Representation], _T]) -> _T:
    """Send an organization; a server before 26.4 needs a domain, so it gets one that cannot be registered."""
    try:
        return send(body)
    except KeycloakRefusedError as refused:
        if body["domains"] or _DOMAIN_WANTED not in str(refused):
            raise
    domain = {"name": f"{body['alias']}{NO_DOMAIN}", "verified": False}
    return send(body | {"domains": [domain]})


def _providers(resource: Resource) -> list[str]:
    found: list[str] = thaw(resource.fields.get("identityProviders", ()))
    return found
