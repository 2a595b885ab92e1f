"""What applying may ask of a realm besides reading it: writing, and the right to be the only writer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.planning.stages import Step


class RealmWriter(Protocol):
    """Carries out steps of one plan on the state that was read just before."""

    def check(self, step: Step) -> None:
        """Raise what can be known to go wrong before anything is written: a secret that does not resolve."""
        ...

    def carry_out(self, step: Step) -> Callable[[], str]:
        """Do it, and give back its undoing.

        A call whose answer was lost is settled by reading before anything is raised. Undoing
        answers, in words, what could not be put back; empty when everything was.
        """
        ...


class RealmLock(Protocol):
    """At most one apply at a time in a realm."""

    def take(self) -> None:
        """Become the holder. Raises ``LockedError`` naming who holds it, and since when."""
        ...

    def renew(self) -> None:
        """Say that the holder lives.

        Raises ``LockedError`` when somebody else took over, ``KeycloakNotFoundError`` when the
        realm is gone.
        """
        ...

    def release(self) -> None:
        """Stop being the holder; fine for who never was."""
        ...
