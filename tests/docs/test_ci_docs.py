"""The action and the workflow in the documentation pass a static check of GitHub workflows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
WORKFLOW = re.findall(r"```yaml\n(name: partnergate\n.*?)```", PAGE, re.DOTALL)
COMMIT = "COMMIT_OF_THE_RELEASE"


def zizmor(path: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("zizmor")
    return subprocess.run(
        [program, "--offline", "--no-progress", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def workflow(tmp_path: Path, text: str) -> Path:
    path = tmp_path / ".github" / "workflows" / "partnergate.yml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(COMMIT, "0" * 40 + " # v0.1.0"))
    return path


def test_the_documented_workflow_has_no_finding(tmp_path: Path) -> None:
    (text,) = WORKFLOW
    checked = zizmor(workflow(tmp_path, text))
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"checkout@[0-9a-f]{40}", "checkout@v6"),
        (r"\n  pull_request:", "\n  pull_request_target:"),
        (r"\n        with: \{persist-credentials: false\}", ""),
    ],
)
def test_the_check_can_fail(tmp_path: Path, old: str, new: str) -> None:
    (text,) = WORKFLOW
    assert re.search(old, text)
    assert zizmor(workflow(tmp_path, re.sub(old, new, text))).returncode != 0


def test_the_action_has_no_finding() -> None:
    checked = zizmor(ROOT / "action.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_action_in_the_documentation_is_named_by_commit() -> None:
    (text,) = WORKFLOW
    used = [step["uses"] for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    assert len(used) >= 6
    for action in used:
        assert re.search(rf"@([0-9a-f]{{40}}|{COMMIT})\Z", action), action
