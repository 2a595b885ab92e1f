"""Who did something, and who says so. An actor is never free text: its name comes from an identity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnergate.safe_text import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST: Final = 300


class ActorKind(StrEnum):
    """Who vouches for the name of an actor."""

    TOKEN = "token"  # noqa: S105 - a kind of identity
    """The realm, in a verified token."""
    GITHUB = "github"
    """The CI job: its environment names the user who started it."""
    GITLAB = "gitlab"
    LOCAL = "local"
    """The operating system of the machine on which the command ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """One identity. Texts are on one line and at most 300 characters long."""

    kind: ActorKind
    name: str
    evidence: str = ""
    """Where the identity can be looked up: the client, the URL of the CI run, or the machine."""

    def __post_init__(self) -> None:
        for field in ("name", "evidence"):
            object.__setattr__(self, field, plain(getattr(self, field))[:_LONGEST])

    def words(self) -> str:
        """The actor for people, with who vouches for it."""
        match self.kind:
            case ActorKind.TOKEN:
                return f"{self.name} (token{f' of {self.evidence}' if self.evidence else ''})"
            case ActorKind.GITHUB | ActorKind.GITLAB:
                return f"{self.name} (asserted by CI: {self.evidence or self.kind.value})"
            case ActorKind.LOCAL:
                return f"{self.name} (local user{f' on {self.evidence}' if self.evidence else ''})"


def actor_of_process(environ: Mapping[str, str], *, user: str, machine: str) -> Actor:
    """Return the identity of a command: the CI user if the environment is that of a CI job, else ``user``.

    A CI job sets its own environment, so its identity is marked as asserted by CI.
    """
    if environ.get("GITHUB_ACTIONS") == "true" and (name := environ.get("GITHUB_ACTOR")):
        server, repository = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_REPOSITORY", "")
        run, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "")
        url = f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""
        return Actor(
            kind=ActorKind.GITHUB, name=name, evidence=f"{url}/attempts/{attempt}" if url and attempt else url
        )
    if environ.get("GITLAB_CI") == "true" and (name := environ.get("GITLAB_USER_LOGIN")):
        return Actor(kind=ActorKind.GITLAB, name=name, evidence=environ.get("CI_JOB_URL", ""))
    return Actor(kind=ActorKind.LOCAL, name=user, evidence=machine)


def actor_of_token(name: str, client: str) -> Actor:
    """Return the identity of a verified token: its user, or its client if it has no user."""
    return Actor(kind=ActorKind.TOKEN, name=name or client, evidence=client)
