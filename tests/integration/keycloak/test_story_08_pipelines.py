"""Story 8: the steps of the action and the scripts of the template, run in order as their hosts run them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from fakes.code_host import GITHUB_JOB, GITLAB_BOT, TOKEN, CodeHost, code_host

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((ROOT / "partnergate.gitlab-ci.yml").read_text(encoding="utf-8"))
MARKER = "<!-- partnergate:plan:demo -->"


_PYTHON_OF_THE_RUNNER = """
case "$*" in
  "-I -m venv --clear "*) mkdir -p "${{@: -1}}/bin"; ln -sf {runner}/python3 "${{@: -1}}/bin/python" ;;
  "-I -m pip install "*) echo "$*" >> {runner}/installed ;;
  *) exec {python} "$@" ;;
esac
"""
"""Records installations: the code of this repository runs. ``test_hostile_checkout.py`` installs for real."""


@pytest.fixture
def host() -> Iterator[CodeHost]:
    with code_host() as running:
        yield running


@dataclass
class Job:
    """A shell on a runner: its path, its variables, and the result of its last script."""

    workspace: Any
    runner: Path
    environ: dict[str, str] = field(default_factory=dict)
    output: str = ""

    def __post_init__(self) -> None:
        self.runner.mkdir()
        self._command("python3", _PYTHON_OF_THE_RUNNER.format(runner=self.runner, python=sys.executable))

    def _command(self, name: str, script: str) -> None:
        path = self.runner / name
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def run(self, script: str, *flags: str, **environ: str) -> int:
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", *flags, "-c", script],
            cwd=self.workspace.directory,
            env=os.environ
            | {"PATH": f"{self.runner}:{os.environ['PATH']}"}
            | self.workspace.environ
            | self.environ
            | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=300,
        )
        self.output += done.stdout
        return done.returncode


class Action(Job):
    """The composite action, with the values that GitHub lays out for it."""

    def use(self, host: CodeHost, *, event: str = "pull_request", **given: str) -> int:
        inputs = {name: str(one.get("default", "")) for name, one in ACTION["inputs"].items()}
        inputs |= {"github-token": TOKEN} | {name.replace("_", "-"): value for name, value in given.items()}
        values = {f"inputs.{name}": value for name, value in inputs.items()} | {"github.event_name": event}
        (self.runner / "temp").mkdir(exist_ok=True)
        (self.runner / "event.json").write_text(
            json.dumps({"pull_request": {"number": 7}} if event == "pull_request" else {})
        )
        self.environ = {
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_API_URL": host.url,
            "GITHUB_EVENT_PATH": str(self.runner / "event.json"),
            "GITHUB_OUTPUT": str(self.runner / "output"),
            "GITHUB_REPOSITORY": "host/partners",
            "GITHUB_STEP_SUMMARY": str(self.runner / "summary"),
            "RUNNER_TEMP": str(self.runner / "temp"),
        }
        for step in ACTION["runs"]["steps"]:
            if "run" not in step or not self._holds(step.get("if", ""), values):
                continue
            assert step["shell"] == "bash"
            assert "${{" not in step["run"], "an expression inside a script is text that becomes a command"
            environ = {
                name: re.sub(r"\$\{\{ (\S+) \}\}", lambda found: values[found[1]], text)
                for name, text in step.get("env", {}).items()
            }
            if code := self.run(step["run"], "-eo", "pipefail", **environ):
                return code
        return 0

    @staticmethod
    def _holds(condition: str, values: dict[str, str]) -> bool:
        """Conditions of the form ``a == 'b' && c == 'd'``."""
        terms = [re.fullmatch(r"(\S+) == '(.*)'", term) for term in condition.split(" && ") if term]
        assert all(terms), condition
        return all(values[term[1]] == term[2] for term in terms if term)

    def read(self, name: str) -> str:
        """A file that the host gives to a step; what it says is used up."""
        path = self.runner / name
        text = path.read_text() if path.exists() else ""
        path.unlink(missing_ok=True)
        return text


def test_01_the_action_validates_plans_comments_once_and_applies(
    workspace: Any, host: CodeHost, tmp_path: Path
) -> None:
    job = Action(workspace, tmp_path / "runner")
    assert job.use(host, command="validate") == 0, job.output
    dependencies, project = job.read("installed").splitlines()
    assert "--require-hashes" in dependencies
    assert dependencies.endswith(f"--requirement {ROOT}/scripts/locks/runtime.txt")
    assert "--no-deps --no-build-isolation" in project
    assert project.endswith(f" {ROOT}")
    assert job.use(host, command="plan", environment="demo") == 0, job.output
    assert job.read("output") == "changes=true\n"
    (first,) = host.bodies(GITHUB_JOB)
    assert first.startswith(f"{MARKER}\n### Plan for demo")
    assert first == job.read("summary")
    more = {"event": "push", "environment": "demo"}
    assert job.use(host, command="apply", arguments="--create-realm", **more) == 0, job.output
    assert job.use(host, command="plan", environment="demo") == 0, job.output
    assert job.read("output") == "changes=false\n"
    (second,) = host.bodies(GITHUB_JOB)
    assert "Nothing to do" in second
    calls = len(host.calls)
    assert job.use(host, command="plan", **more) == 0, job.output
    assert len(host.calls) == calls, "a push has no request to comment"
    assert TOKEN not in job.output


def test_02_the_action_fails_with_the_code_of_the_command(
    workspace: Any, host: CodeHost, tmp_path: Path
) -> None:
    job = Action(workspace, tmp_path / "runner")
    assert job.use(host, command="deploy") == 64
    assert "unknown command deploy" in job.output
    workspace.edit("partners/acme.yaml", "subject: sub", "subject: email")
    assert job.use(host, command="validate") == 3
    assert "::error" in job.output
    assert job.use(host, command="plan", environment="demo") == 3
    assert host.comments == []
    assert job.read("output") == ""


def job_of(name: str) -> dict[str, Any]:
    """A job of the template with what it extends."""
    own = TEMPLATE[name]
    return (job_of(own["extends"]) if "extends" in own else {}) | own


def run_job(job: Job, name: str, **environ: str) -> int:
    """The scripts of a job as GitLab runs them: line after line in one shell that stops at a failure."""
    found = job_of(name)
    lines = [*found["before_script"], *found["script"]]
    image = {"PARTNERGATE_IMAGE": "registry.test/partnergate@sha256:" + "0" * 64}
    program = {"PARTNERGATE_PYTHON": sys.executable}
    variables = TEMPLATE["variables"] | program | image | found.get("variables", {}) | environ
    return job.run("\n".join(lines), "-eo", "pipefail", **variables)


def test_03_the_template_validates_plans_notes_once_and_applies(
    workspace: Any, host: CodeHost, tmp_path: Path
) -> None:
    job = Job(workspace, tmp_path / "runner")
    request = {
        "CI_API_V4_URL": host.url,
        "CI_PROJECT_ID": "5",
        "CI_MERGE_REQUEST_IID": "7",
        "PARTNERGATE_GITLAB_TOKEN": TOKEN,
        "PG_ENVIRONMENT": "demo",
    }
    assert run_job(job, "partnergate validate") == 0, job.output
    assert (workspace.directory / "validate.xml").read_text().startswith("<?xml")
    assert not (job.runner / "installed").exists(), "the image has everything"
    assert run_job(job, "partnergate plan staging", **request) == 0, job.output
    (first,) = host.bodies(GITLAB_BOT)
    assert first.startswith(f"{MARKER}\n### Plan for demo")
    assert workspace.apply().exit_code == 0
    workspace.edit("partners/acme.yaml", "name: Acme Automations", "name: Acme Works")
    assert run_job(job, "partnergate plan staging", **request) == 0, job.output
    (second,) = host.bodies(GITLAB_BOT)
    assert "2 to update" in second
    assert run_job(job, "partnergate apply staging", PG_ENVIRONMENT="demo") == 0, job.output
    assert workspace.plan().exit_code == 0
    assert TOKEN not in job.output


@pytest.mark.parametrize("source", ["merge_request_event", "push"])
def test_04_a_merge_request_runs_with_read_only_access(source: str) -> None:
    """GitLab adds a job to the pipeline of a request only where one of its rules says so."""
    rule = {
        "merge_request_event": '$CI_PIPELINE_SOURCE == "merge_request_event"',
        "push": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH",
    }[source]
    runs = {
        name
        for name in TEMPLATE
        if name.startswith("partnergate ") and any(one["if"] == rule for one in job_of(name)["rules"])
    }
    viewing = {"partnergate validate", "partnergate plan staging", "partnergate plan production"}
    writing = {"partnergate apply staging", "partnergate apply production"}
    assert runs == (viewing if source == "merge_request_event" else viewing | writing)
    for name in writing:
        assert set(job_of(name)["needs"]) <= viewing | writing


def test_05_the_template_runs_only_in_an_image_with_a_digest(workspace: Any, tmp_path: Path) -> None:
    """A tag can be moved to another image after its review."""
    job = Job(workspace, tmp_path / "runner")
    for image in ("", "python:3.12-slim", "registry.test/partnergate:1.2.0"):
        assert run_job(job, "partnergate validate", PARTNERGATE_IMAGE=image) == 64
    assert "set PARTNERGATE_IMAGE to an image by digest" in job.output


def test_06_a_link_in_the_checkout_does_not_redirect_the_plan(
    workspace: Any, host: CodeHost, tmp_path: Path
) -> None:
    """Otherwise the author of a pull request chooses which file of the runner the job writes."""
    target = tmp_path / "profile"
    target.write_text("untouched")
    for name in ("plan.json", "plan.md", "plan-demo.json", "plan-demo.md"):
        (workspace.directory / name).symlink_to(target)
    action = Action(workspace, tmp_path / "runner")
    assert action.use(host, command="plan", environment="demo") == 0, action.output
    template = Job(workspace, tmp_path / "gitlab")
    assert run_job(template, "partnergate plan staging", PG_ENVIRONMENT="demo") == 0, template.output
    assert target.read_text() == "untouched"
    assert json.loads((workspace.directory / "plan.json").read_text())["target"]["environment"] == "demo"
