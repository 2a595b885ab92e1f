"""Operational failures as one tree of exceptions.

::

    PartnergateError
    ├── UsageError                the command line or a setting is wrong
    ├── InvalidInputError         files have error diagnostics (carries them)
    ├── SecretError               a secret cannot be resolved
    ├── KeycloakError
    │   ├── KeycloakUnreachableError    no connection, TLS, timeout
    │   │   └── KeycloakAnswerLostError   sent without a response: it may have been done
    │   ├── KeycloakRefusedError        400: the server rejected the values
    │   ├── KeycloakAuthError           401
    │   ├── KeycloakForbiddenError      403, names the missing role
    │   ├── KeycloakNotFoundError       404
    │   ├── KeycloakConflictError       409
    │   └── KeycloakServerError         5xx, or an unreadable response
    ├── PlanError
    │   ├── StalePlanError        the files or the realm have changed since the plan
    │   ├── UnsafePlanError       a destructive change without its flag
    │   └── PlanFileError         not a plan, or of another version
    ├── ApplyError                a change failed (carries the report)
    ├── CommentError              GitHub or GitLab refused the plan comment
    ├── LockedError               another apply holds the lock of the realm
    ├── StoreError
    │   ├── StoreUnavailableError
    │   └── SchemaTooNewError
    ├── StatementError            a rule of the statement lifecycle is violated
    ├── RatingError               an agreement that cannot be rated
    └── DevstackError             a local server did not start

Raise each ``from`` its cause. The adapter that meets the cause translates it once.
Only ``cli/main.py`` prints these errors and exits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.safe_text import plain, plain_lines

if TYPE_CHECKING:
    from partnergate.diagnostics import Diagnostic


class PartnergateError(Exception):
    """Root of the tree: ``what`` failed, on which ``target``, and the ``advice`` for the next step."""

    def __init__(self, what: str, *, target: str = "", advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.target = target
        self.advice = advice

    def diagnostics(self) -> str:
        """What failed, the target, the cause and the advice, one line each, without secrets."""
        lines = [plain_lines(self.what)]
        if self.target:
            lines.append(f"  against: {plain(self.target)}")
        if self.__cause__ is not None and str(self.__cause__):
            lines.append(f"  cause: {plain_lines(str(self.__cause__))}")
        if self.advice:
            lines.append(f"  try: {plain_lines(self.advice)}")
        return "\n".join(lines)


class UsageError(PartnergateError):
    """The command line or a setting is wrong or missing."""


class InvalidInputError(PartnergateError):
    """Files have error diagnostics."""

    def __init__(self, found: tuple[Diagnostic, ...]) -> None:
        super().__init__("the files have errors", advice="fix the errors above; nothing was changed")
        self.found = found


class SecretError(PartnergateError):
    """A secret cannot be resolved. The message never contains its value."""


class KeycloakError(PartnergateError):
    """The identity server failed or refused."""


class KeycloakUnreachableError(KeycloakError):
    """No connection, a TLS failure, or no response in time."""


class KeycloakAnswerLostError(KeycloakUnreachableError):
    """The request was sent and no response arrived; the server may have processed it."""

    def __init__(self, what: str, *, target: str = "", advice: str = "", timed_out: bool = False) -> None:
        super().__init__(what, target=target, advice=advice)
        self.timed_out = timed_out


class KeycloakRefusedError(KeycloakError):
    """The server rejected the values (400)."""


class KeycloakAuthError(KeycloakError):
    """The server rejected the credentials (401)."""


class KeycloakForbiddenError(KeycloakError):
    """The account is missing a role (403)."""


class KeycloakNotFoundError(KeycloakError):
    """The realm or the resource does not exist (404)."""


class KeycloakConflictError(KeycloakError):
    """The resource exists already (409)."""


class KeycloakServerError(KeycloakError):
    """The server failed (5xx), or its response is unreadable."""


class PlanError(PartnergateError):
    """A plan cannot be created or used."""


class StalePlanError(PlanError):
    """The files or the realm have changed since the plan was created."""


class UnsafePlanError(PlanError):
    """The plan has a destructive change whose flag was not passed."""


class PlanFileError(PlanError):
    """The file is not a plan, or is of another version."""


class ApplyError(PartnergateError):
    """A change failed; the report lists what was done, rolled back and not attempted."""


class CommentError(PartnergateError):
    """GitHub or GitLab refused the plan comment, or cannot be reached."""


class LockedError(PartnergateError):
    """Another apply holds the lock of the realm."""


class StoreError(PartnergateError):
    """The database refused an operation."""


class StoreUnavailableError(StoreError):
    """The database cannot be reached or has no space left."""


class SchemaTooNewError(StoreError):
    """A newer version of partnergate wrote the database."""


class StatementError(PartnergateError):
    """A rule of the statement lifecycle is violated; nothing was changed."""


class RatingError(PartnergateError):
    """An agreement cannot be rated."""


class DevstackError(PartnergateError):
    """A local server did not start."""
