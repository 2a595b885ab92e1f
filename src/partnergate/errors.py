"""Failures of the world, as one tree of exceptions.

::

    PartnergateError
    ├── UsageError                the command line does not fit
    ├── InvalidInputError         files have error diagnostics (carries them)
    ├── SecretError               a secret that a file names cannot be resolved
    ├── KeycloakError
    │   ├── KeycloakUnreachableError    no connection, TLS, timeout
    │   │   └── KeycloakAnswerLostError   sent, but no answer: it may have been done
    │   ├── KeycloakRefusedError        400: the server does not accept the values
    │   ├── KeycloakAuthError           401
    │   ├── KeycloakForbiddenError      403, names the role that lacks
    │   ├── KeycloakNotFoundError       404
    │   ├── KeycloakConflictError       409
    │   └── KeycloakServerError         5xx, or an answer that cannot be read
    ├── PlanError
    │   ├── StalePlanError        the realm moved since the plan was made
    │   ├── UnsafePlanError       a danger without its named flag
    │   └── PlanFileError         not a plan, or of another version
    ├── ApplyError                a change failed (carries the report)
    ├── LockedError               another apply holds the realm
    ├── StoreError
    │   ├── StoreUnavailableError
    │   └── SchemaTooNewError
    ├── StatementError            a rule of statement life was broken
    ├── RatingError               an agreement that cannot be rated
    └── DevstackError             a local server that does not start

Each raises ``from`` its cause; the adapter that met the cause translates it, once.
Only ``cli/main.py`` prints them and exits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.diagnostics import Diagnostic


class PartnergateError(Exception):
    """Root of the tree. ``what`` failed, against ``target``, and the ``advice`` to try."""

    def __init__(self, what: str, *, target: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.target = target
        self.advice = advice

    def diagnostics(self) -> str:
        """What failed, against what, the cause, what to try; one line each, no secrets."""
        lines = [self.what]
        if self.target:
            lines.append(f"  against: {self.target}")
        if self.__cause__ is not None and str(self.__cause__):
            lines.append(f"  cause: {self.__cause__}")
        if self.advice:
            lines.append(f"  try: {self.advice}")
        return "\n".join(lines)


class UsageError(PartnergateError):
    """The command line does not fit."""


class InvalidInputError(PartnergateError):
    """Files have error diagnostics."""

    def __init__(self, found: tuple[Diagnostic, ...]) -> None:
        super().__init__("the files have errors", advice="mend what is listed; nothing was changed")
        self.found = found


class SecretError(PartnergateError):
    """A secret that a file names cannot be resolved. Never carries the value."""


class KeycloakError(PartnergateError):
    """The identity server failed or refused."""


class KeycloakUnreachableError(KeycloakError):
    """No connection, a TLS failure, or no answer in time."""


class KeycloakAnswerLostError(KeycloakUnreachableError):
    """The request was sent and the answer never came: the server may have acted on it."""

    def __init__(self, what: str, *, target: str = "", advice: str = "", timed_out: bool = False) -> None:
        super().__init__(what, target=target, advice=advice)
        self.timed_out = timed_out


class KeycloakRefusedError(KeycloakError):
    """The server does not accept the values (400)."""


class KeycloakAuthError(KeycloakError):
    """The server does not know the credentials (401)."""


class KeycloakForbiddenError(KeycloakError):
    """The account lacks a role (403)."""


class KeycloakNotFoundError(KeycloakError):
    """The realm or the resource is not there (404)."""


class KeycloakConflictError(KeycloakError):
    """The resource is there already (409)."""


class KeycloakServerError(KeycloakError):
    """The server failed (5xx), or its answer cannot be read."""


class PlanError(PartnergateError):
    """A plan that cannot be made or used."""


class StalePlanError(PlanError):
    """The realm moved since the plan was made."""


class UnsafePlanError(PlanError):
    """The plan holds a danger whose named flag was not given."""


class PlanFileError(PlanError):
    """The file is not a plan, or is of another version."""


class ApplyError(PartnergateError):
    """A change failed; the report says what was done, put back and not attempted."""


class CommentError(PartnergateError):
    """The host of the code does not take the comment of a plan."""


class LockedError(PartnergateError):
    """Another apply holds the realm."""


class StoreError(PartnergateError):
    """The database refused."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached or has no room."""


class SchemaTooNewError(StoreError):
    """The database was written by a newer version."""


class StatementError(PartnergateError):
    """A rule of statement life was broken; nothing was changed."""


class RatingError(PartnergateError):
    """An agreement that cannot be rated."""


class DevstackError(PartnergateError):
    """A local server that does not start."""
