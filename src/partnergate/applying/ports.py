"""What applying may ask of a realm besides reading it: writing, and the right to be the only writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from partnergate.planning.changes import Adopt as AdoptChange
    from partnergate.planning.changes import Create, Delete, Replace, Update


class Undo(Protocol):
    """Puts one resource back as it was before its change."""

    def __call__(self) -> str:
        """Act; what could not be put back, in words, empty when everything was."""
        ...


class RealmWriter(Protocol):
    """Carries out one change. Each returns how to undo it, and raises a ``KeycloakError`` when it failed.

    A call whose answer was lost is settled by reading before anything is raised, so an error means
    that the change is not there.
    """

    def create(self, change: Create) -> Undo: ...

    def update(self, change: Update | AdoptChange) -> Undo: ...

    def replace(self, change: Replace) -> Undo: ...

    def delete(self, change: Delete) -> Undo: ...


class RealmLock(Protocol):
    """At most one apply at a time in a realm."""

    def take(self) -> None:
        """Become the holder. Raises ``LockedError`` naming who holds it, and since when."""
        ...

    def renew(self) -> None:
        """Say that the holder lives. Raises ``LockedError`` when somebody else took over."""
        ...

    def release(self) -> None:
        """Stop being the holder; never raises ``LockedError``."""
        ...
