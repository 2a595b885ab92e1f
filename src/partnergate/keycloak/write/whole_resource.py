"""What writers share that bring a resource from any state to the wanted one, as a whole."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from partnergate.keycloak.write.context import done_or_undone

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.keycloak.write.context import WriteContext
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import Resource


class WholeWriter(ABC):
    """Undoes an update by another update, and a deletion by a creation."""

    def __init__(self, context: WriteContext) -> None:
        self._context = context
        self._connection = context.connection

    @abstractmethod
    def create(self, resource: Resource) -> Callable[[], str]: ...

    def update(
        self,
        desired: Resource,
        actual: Resource,
        changes: tuple[FieldChange, ...],  # noqa: ARG002 - the resource is compared as a whole
    ) -> Callable[[], str]:
        def undo() -> str:
            self._bring_to(actual)
            return ""

        return done_or_undone(lambda: self._bring_to(desired), undo)

    def delete(self, actual: Resource) -> Callable[[], str]:
        self._context.delete(self._path(actual.key.name))

        def undo() -> str:
            self.create(actual)
            return ""

        return undo

    @abstractmethod
    def _bring_to(self, resource: Resource) -> None:
        """Change the present resource of that name, whatever its state is."""

    @abstractmethod
    def _path(self, name: str) -> str:
        """The path of the present resource. Raises ``StalePlanError`` if it does not exist any more."""
