"""Creates or updates one comment on a pull or merge request through the API of GitHub or GitLab.

The first line of the comment identifies it. Only comments of the job's own account count, because
anyone can write that line, and the author of a comment can change it later.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import CommentError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import requests

_PAGE: Final = 100
_SECONDS: Final = 30
_GITHUB_JOB: Final = "github-actions[bot]"
"""The account of a GitHub job; its token is not allowed to read /user."""
_TRUNCATED: Final = (
    "**Truncated at the length limit of comments. The job output and the plan file are complete.**\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The pull or merge request to comment on, and the account that comments."""

    host: str
    """``GitHub`` or ``GitLab``, for messages."""
    api: str
    """Base URL of the API."""
    comments: str
    """Path of the list of its comments."""
    comment: str
    """Path of one comment, without its ID."""
    change: str
    """The HTTP method that updates a comment."""
    author: tuple[str, str]
    """The author of a comment: the key of the user, and the key of the name in it."""
    longest: int
    """Length limit of a comment, in characters."""
    headers: Mapping[str, str]


def place_from(environ: Mapping[str, str]) -> Place | None:
    """The place to comment, from the job's variables; ``None`` without a pull or merge request.

    Raises ``UsageError`` outside of GitHub and GitLab, or without a token.
    """
    if environ.get("GITHUB_API_URL"):
        return _github(environ)
    if environ.get("CI_API_V4_URL"):
        return _gitlab(environ)
    raise UsageError(
        "not a GitHub or GitLab job: neither GITHUB_API_URL nor CI_API_V4_URL is set",
        advice="in another pipeline, use the output of plan --format markdown",
    )


def write_comment(place: Place, body: str) -> bool:
    """Create the comment or update the existing one; whether it is new."""
    import requests

    text = _fitted(body, place.longest)
    with requests.Session() as session:
        session.headers.update(place.headers)
        found = _own_comment(session, place, marker=body.partition("\n")[0])
        if found is None:
            _call(session, place, "POST", place.comments, json={"body": text})
        else:
            _call(session, place, place.change, f"{place.comment}/{found}", json={"body": text})
    return found is None


def _github(environ: Mapping[str, str]) -> Place | None:
    event: dict[str, Any] = json.loads(Path(_needed(environ, "GITHUB_EVENT_PATH")).read_text("utf-8"))
    number = (event.get("pull_request") or {}).get("number")
    if number is None:
        return None
    issues = f"/repos/{_needed(environ, 'GITHUB_REPOSITORY')}/issues"
    return Place(
        host="GitHub",
        api=environ["GITHUB_API_URL"].rstrip("/"),
        comments=f"{issues}/{number}/comments",
        comment=f"{issues}/comments",
        change="PATCH",
        author=("user", "login"),
        longest=65_536,
        headers={
            "Authorization": f"Bearer {_needed(environ, 'GITHUB_TOKEN')}",
            "Accept": "application/vnd.github+json",
        },
    )


def _gitlab(environ: Mapping[str, str]) -> Place | None:
    number = environ.get("CI_MERGE_REQUEST_IID")
    if not number:
        return None
    notes = f"/projects/{_needed(environ, 'CI_PROJECT_ID')}/merge_requests/{number}/notes"
    return Place(
        host="GitLab",
        api=environ["CI_API_V4_URL"].rstrip("/"),
        comments=notes,
        comment=notes,
        change="PUT",
        author=("author", "username"),
        longest=1_000_000,
        headers={"PRIVATE-TOKEN": _needed(environ, "PARTNERGATE_GITLAB_TOKEN")},
    )


def _needed(environ: Mapping[str, str], name: str) -> str:
    if value := environ.get(name):
        return value
    raise UsageError(f"{name} is not set", advice="set it for the job; docs/ci.md has a complete example")


def _own_comment(session: requests.Session, place: Place, *, marker: str) -> int | None:
    """The ID of the account's first comment that starts with the marker."""
    answer = _send(session, place, "GET", "/user")
    key, name = place.author
    me = answer.json()[name] if answer.ok else _GITHUB_JOB
    for one in _comments(session, place):
        if one[key][name] == me and str(one["body"]).startswith(marker):
            return int(one["id"])
    return None


def _comments(session: requests.Session, place: Place) -> Iterator[dict[str, Any]]:
    """All comments, page by page."""
    number = 1
    while True:
        page = _call(session, place, "GET", place.comments, params={"per_page": _PAGE, "page": number})
        yield from page
        if len(page) < _PAGE:
            return
        number += 1


def _send(session: requests.Session, place: Place, method: str, path: str, **more: Any) -> requests.Response:
    """The response with any status; raises ``CommentError`` if there is none."""
    import requests

    try:
        return session.request(method, f"{place.api}{path}", timeout=_SECONDS, **more)
    except requests.RequestException as error:
        raise CommentError(
            f"cannot reach {place.host} to write the plan comment ({type(error).__name__})",
            target=place.api,
            advice="the plan is complete; run the job again",
        ) from error


def _call(session: requests.Session, place: Place, method: str, path: str, **more: Any) -> Any:
    """The JSON of the response; raises ``CommentError`` for an error status."""
    answer = _send(session, place, method, path, **more)
    if not answer.ok:
        status = HTTPStatus(answer.status_code)
        raise CommentError(
            f"{place.host} refused the comment: {status.value} {status.phrase}",
            target=f"{method} {place.api}{path}",
            advice="the token needs permission to write comments"
            " (GitHub: permissions: pull-requests: write; GitLab: scope api, role Reporter)",
        )
    return answer.json()


def _fitted(body: str, longest: int) -> str:
    """The body; a longer one is truncated at a line end, with a notice at its top."""
    if len(body) <= longest:
        return body
    first, _, rest = body.partition("\n")
    room = longest - len(first) - len(_TRUNCATED) - 2
    return f"{first}\n{_TRUNCATED}\n{rest[:room].rpartition(chr(10))[0]}"
