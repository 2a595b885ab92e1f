"""The plan comment on a pull request: written once, updated later, and only if it is our own."""

from __future__ import annotations

import json

import pytest

from fakes.code_host import GITHUB_JOB, GITLAB_BOT, TOKEN, code_host
from partnergate.cli.realm.sticky_comment import place_from, write_comment
from partnergate.errors import CommentError, UsageError

pytestmark = pytest.mark.integration

MARKER = "<!-- partnergate:plan:staging -->"


@pytest.fixture
def host():
    with code_host() as running:
        yield running


@pytest.fixture(params=["github", "gitlab"])
def job(request, host, tmp_path):
    """The variables of a job, and the account it comments as."""
    if request.param == "gitlab":
        return {
            "CI_API_V4_URL": host.url,
            "CI_PROJECT_ID": "5",
            "CI_MERGE_REQUEST_IID": "7",
            "PARTNERGATE_GITLAB_TOKEN": TOKEN,
        }, GITLAB_BOT
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7}}))
    return {
        "GITHUB_API_URL": host.url,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "host/partners",
        "GITHUB_TOKEN": TOKEN,
    }, GITHUB_JOB


def test_a_second_plan_updates_the_comment_of_the_first(host, job):
    environ, me = job
    assert write_comment(place_from(environ), f"{MARKER}\none")
    assert write_comment(place_from(environ), "<!-- partnergate:plan:production -->\nother")
    assert not write_comment(place_from(environ), f"{MARKER}\ntwo")
    assert host.bodies(me) == [f"{MARKER}\ntwo", "<!-- partnergate:plan:production -->\nother"]


def test_a_similar_comment_of_another_author_is_not_changed(host, job):
    environ, me = job
    host.add("mallory", f"{MARKER}\nNothing to do.")
    write_comment(place_from(environ), f"{MARKER}\ntrue")
    assert host.bodies("mallory") == [f"{MARKER}\nNothing to do."]
    assert host.bodies(me) == [f"{MARKER}\ntrue"]


def test_the_comment_is_found_among_hundreds_of_others(host, job):
    environ, me = job
    for number in range(250):
        host.add("ana", f"word {number}")
    write_comment(place_from(environ), f"{MARKER}\none")
    write_comment(place_from(environ), f"{MARKER}\ntwo")
    assert host.bodies(me) == [f"{MARKER}\ntwo"]


def test_a_long_plan_is_truncated_with_a_note_at_the_top(host, job):
    environ, me = job
    place = place_from(environ)
    write_comment(place, f"{MARKER}\n" + "x" * 99 + "\n" + "line\n" * 300_000)
    (body,) = host.bodies(me)
    assert len(body) <= place.longest
    assert body.startswith(f"{MARKER}\n**Truncated ")
    assert body.endswith("\nline")


@pytest.mark.parametrize("status", [403, 404, 500])
def test_a_refused_request_reports_the_required_permission(host, job, status):
    environ, _ = job
    host.refuses = status
    with pytest.raises(CommentError, match=f"refused the comment: {status}") as caught:
        write_comment(place_from(environ), f"{MARKER}\none")
    assert "pull-requests: write" in caught.value.advice
    assert TOKEN not in caught.value.diagnostics()


def test_a_job_without_a_pull_request_writes_no_comment(job, tmp_path):
    environ, _ = job
    (tmp_path / "event.json").write_text("{}")
    assert place_from(environ | {"CI_MERGE_REQUEST_IID": ""}) is None


def test_missing_ci_variables_are_reported(job):
    environ, _ = job
    with pytest.raises(UsageError, match="neither GITHUB_API_URL nor CI_API_V4_URL"):
        place_from({})
    for token in ("GITHUB_TOKEN", "PARTNERGATE_GITLAB_TOKEN"):
        if token in environ:
            with pytest.raises(UsageError, match=f"{token} is not set"):
                place_from(environ | {token: ""})


def test_an_unreachable_host_is_reported(job):
    environ, _ = job
    gone = {name: "http://127.0.0.1:9" for name in ("GITHUB_API_URL", "CI_API_V4_URL") if name in environ}
    with pytest.raises(CommentError, match="cannot reach"):
        write_comment(place_from(environ | gone), f"{MARKER}\none")
