"""The interfaces of a realm that applying uses: a writer, and a lock that excludes other writers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.planning.stages import PlanStep


class RealmWriter(Protocol):
    """Applies steps of one plan to the state that was read just before."""

    def check(self, step: PlanStep) -> None:
        """Raise failures that can be detected before writing, such as a secret that does not resolve."""
        ...

    def carry_out(self, step: PlanStep) -> Callable[[], str]:
        """Apply the step and return a function that undoes it.

        A call whose response was lost is resolved by reading before anything is raised. The undo
        function returns a description of what could not be rolled back; empty when everything was.
        """
        ...


class RealmLock(Protocol):
    """At most one apply at a time in a realm."""

    def take(self) -> None:
        """Take the lock. Raises ``LockedError`` with the present holder and its start time."""
        ...

    def renew(self) -> None:
        """Extend the lock.

        Raises ``LockedError`` when another run has taken it over, ``KeycloakNotFoundError`` when
        the realm was deleted.
        """
        ...

    def release(self) -> None:
        """Release the lock; does nothing when it is not held."""
        ...
