"""Writes the realm settings, event settings, user profile, and the roles and groups for grants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.keycloak.connection import segment
from partnergate.keycloak.write.context import done_or_undone
from partnergate.realm.ownership import DEFAULT_ROLE_PREFIX
from partnergate.realm.representation import (
    events_config_to,
    group_to,
    realm_to,
    role_to,
    user_profile_to,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.whole_realm import Representation
    from partnergate.keycloak.write.context import WriteContext
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource

REALMS: Final = "/admin/realms"
EVENTS: Final = "events/config"
PROFILE: Final = "users/profile"
TEXTS: Final = "localizationTexts"


class RealmSettingsWriter:
    """The realm. It is created when it does not exist and never deleted."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        name = resource.key.name
        body = realm_to(resource)

        def find() -> tuple[str, Representation] | None:
            found = self._context.connection.get_or_none("")
            return (name, found) if found else None

        self._context.create(REALMS, body, find=find, what=f"the realm {name}")
        return lambda: f"realm {name} was created and stays"

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]:
        """Send only the changed settings: the server keeps the fields that a PUT of a realm omits."""
        before, body = _chosen(realm_to(actual), changes), _chosen(realm_to(desired), changes)
        old, new = before.pop(TEXTS, {}), body.pop(TEXTS, {})
        if body:
            self._context.connection.put("", body)
        self._write_texts(new)

        def undo() -> str:
            if before:
                self._context.connection.put("", before)
            for locale, texts in new.items():
                for key in texts.keys() - old.get(locale, {}).keys():
                    self._context.connection.delete(f"localization/{segment(locale)}/{segment(key)}")
            self._write_texts(old)
            return ""

        return undo

    def _write_texts(self, texts: Representation) -> None:
        """A PUT of the realm ignores the texts of its pages; each locale has its own endpoint."""
        for locale, of_locale in texts.items():
            self._context.connection.post(f"localization/{segment(locale)}", of_locale)

    def delete(self, actual: Resource) -> Callable[[], str]:
        raise NotImplementedError(f"the realm {actual.key.name} is never deleted")


class EventsConfigWriter:
    """Event settings; their PUT replaces all of them."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        return self._merge_over(events_config_to(resource))

    def update(
        self,
        desired: Resource,
        actual: Resource,  # noqa: ARG002 - merged with the present state
        changes: tuple[FieldChange, ...],  # noqa: ARG002 - the whole is sent
    ) -> Callable[[], str]:
        return self._merge_over(events_config_to(desired))

    def delete(self, actual: Resource) -> Callable[[], str]:
        raise NotImplementedError(f"the event settings of {actual.key.name} are never deleted")

    def _merge_over(self, wanted: Representation) -> Callable[[], str]:
        before: Representation = self._context.connection.get(EVENTS)
        self._context.connection.put(EVENTS, before | wanted)

        def undo() -> str:
            self._context.connection.put(EVENTS, before)
            return ""

        return undo


class UserProfileWriter:
    """The user profile; its PUT replaces all of it."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        before: Representation = self._context.connection.get(PROFILE)
        self._context.connection.put(PROFILE, user_profile_to(resource, before))

        def undo() -> str:
            self._context.connection.put(PROFILE, before)
            return ""

        return undo

    def update(
        self,
        desired: Resource,
        actual: Resource,  # noqa: ARG002 - merged with the present state
        changes: tuple[FieldChange, ...],  # noqa: ARG002 - the whole is sent
    ) -> Callable[[], str]:
        return self.create(desired)

    def delete(self, actual: Resource) -> Callable[[], str]:
        raise NotImplementedError(f"the user profile of {actual.key.name} is never deleted")


class RoleWriter:
    """Realm roles without composites; a role that was made composite becomes simple again."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        name = resource.key.name
        if name.startswith(DEFAULT_ROLE_PREFIX):
            return self._narrow(resource)

        def find() -> tuple[str, Representation] | None:
            found = self._context.connection.get_or_none(f"roles/{segment(name)}")
            return (found["id"], found) if found else None

        self._context.create("roles", role_to(resource), find=find, what=f"the role {name}")
        return self._context.undo_create(f"roles/{segment(name)}")

    def _narrow(self, resource: Resource) -> Callable[[], str]:
        """Remove the composites of the default role of a realm that this run created."""
        name = resource.key.name
        connection = self._context.connection
        before: Representation = connection.get(f"roles/{segment(name)}")
        path = f"roles-by-id/{before['id']}"
        inner: list[Representation] = connection.get(f"{path}/composites")
        connection.put(path, {"id": before["id"]} | role_to(resource))
        if inner:
            connection.delete(f"{path}/composites", inner)
        return lambda: f"role {name} belongs to the realm and stays"

    def update(
        self, desired: Resource, actual: Resource, changes: tuple[FieldChange, ...]
    ) -> Callable[[], str]:
        name = actual.key.name
        before = self._context.require(self._context.snapshot.roles, name, f"the role {name}")
        path = f"roles-by-id/{before['id']}"
        connection = self._context.connection
        inner: list[Representation] = []
        if any(change.name == "composites" for change in changes):
            inner = connection.get(f"{path}/composites")

        def act() -> None:
            connection.put(path, {"id": before["id"]} | role_to(desired))
            if inner:
                connection.delete(f"{path}/composites", inner)

        def undo() -> str:
            connection.put(path, {"id": before["id"]} | role_to(actual))
            if inner:
                connection.post_for_json(f"{path}/composites", inner)
            return ""

        return done_or_undone(act, undo)

    def delete(self, actual: Resource) -> Callable[[], str]:
        name = actual.key.name
        self._context.delete(f"roles/{segment(name)}")
        return lambda: f"role {name} was deleted with its assignments to users"


class GroupWriter:
    """Groups by path; a parent group is created before its children."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context

    def create(self, resource: Resource) -> Callable[[], str]:
        path = resource.key.name
        above = path.rpartition("/")[0]
        under = f"groups/{self._id(above)}/children" if above else "groups"

        def find() -> tuple[str, Representation] | None:
            found = self._context.connection.get_or_none(f"group-by-path{path}")
            return (found["id"], found) if found else None

        identity = self._context.create(under, group_to(resource), find=find, what=f"the group {path}")
        self._context.remember("group", path, identity)
        return self._context.undo_create(f"groups/{identity}")

    def update(
        self,
        desired: Resource,
        actual: Resource,
        changes: tuple[FieldChange, ...],  # noqa: ARG002 - the whole is sent
    ) -> Callable[[], str]:
        path = f"groups/{self._id(actual.key.name)}"
        before: Representation = self._context.connection.get(path)
        roles = f"{path}/role-mappings/realm"
        connection = self._context.connection
        granted: list[Representation] = connection.get(roles)

        def act() -> None:
            connection.put(path, before | group_to(desired))
            if granted:
                connection.delete(roles, granted)

        def undo() -> str:
            connection.put(path, before)
            if granted:
                connection.post_for_json(roles, granted)
            return ""

        return done_or_undone(act, undo)

    def delete(self, actual: Resource) -> Callable[[], str]:
        path = actual.key.name
        self._context.delete(f"groups/{self._id(path)}")
        return lambda: f"group {path} was deleted with its memberships"

    def _id(self, path: str) -> str:
        made = self._context.made("group", path)
        if made is None:
            found = self._context.require(self._context.snapshot.groups, path, f"the group {path}")
            return str(found["id"])
        return made


def _chosen(representation: dict[str, Any], changes: tuple[FieldChange, ...]) -> dict[str, Any]:
    """The changed settings of a realm; nested maps are complete."""
    names = {change.name.partition(".")[0] for change in changes} | {change.name for change in changes}
    return {name: value for name, value in representation.items() if name in names}
