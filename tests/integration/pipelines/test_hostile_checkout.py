"""The steps of the action and the jobs of the template, in a checkout whose author wants to run code in them.

The action installs itself for real: a virtual environment, the locked files with their hashes, the program.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest
import yaml

from partnergate.cli.statement.access import commits_of

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[3]
SECRET = "the-secret-of-the-plan-job"
MODULES = ("venv", "ensurepip", "setuptools", "yaml", "click", "json", "sitecustomize", "usercustomize")
COMMANDS = ("python", "python3", "git", "bash")


@dataclass(frozen=True, kw_only=True)
class HostileCheckout:
    """A workspace with every file by which a checkout could run code. Each writes what it sees to ``stolen``."""

    directory: Path
    stolen: Path

    def plant(self) -> None:
        for name in ("partners", "realm_templates"):
            shutil.copytree(ROOT / name, self.directory / name)
        theft = f"import os\nopen({str(self.stolen)!r}, 'a').write(__file__ + os.environ.get('TOKEN', ''))\n"
        for name in MODULES:
            self._file(f"{name}.py", theft)
        for package in ("pip", "partnergate", "src/partnergate"):
            self._file(f"{package}/__init__.py", theft)
            self._file(f"{package}/__main__.py", theft)
        for name in ("setup.py", "conftest.py", "src/yaml.py"):
            self._file(name, theft)
        self._file("evil.pth", f"import os; open({str(self.stolen)!r}, 'a').write('pth')\n")
        self._file("pyvenv.cfg", "home = .\ninclude-system-site-packages = true\n")
        elsewhere = "http://127.0.0.1:9/simple"
        self._file("pip.conf", f"[global]\nindex-url = {elsewhere}\n")
        self._file("requirements.txt", f"--index-url {elsewhere}\nevil\n")
        self._file("setup.cfg", f"[easy_install]\nindex_url = {elsewhere}\n")
        self._file(
            "pyproject.toml", '[build-system]\nrequires = []\nbuild-backend = "pip"\nbackend-path = ["."]\n'
        )
        for name in COMMANDS:
            self._file(name, f"#!/bin/sh\necho {name} >> {self.stolen}\n").chmod(0o755)

    def _file(self, name: str, text: str) -> Path:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, script: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a script as a step of a job with a secret in its environment."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.directory, env=os.environ | {"TOKEN": SECRET} | environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=280,
        )  # fmt: skip

    def taken(self) -> str:
        return self.stolen.read_text() if self.stolen.exists() else ""


@pytest.fixture
def checkout(tmp_path: Path) -> HostileCheckout:
    (tmp_path / "checkout").mkdir()
    made = HostileCheckout(directory=tmp_path / "checkout", stolen=tmp_path / "stolen")
    made.plant()
    return made


def test_the_checkout_takes_over_a_plain_python(checkout: HostileCheckout) -> None:
    """Control: what the planted files do to a job that runs ``python -m``."""
    checkout.run(f"{sys.executable} -m pip --version")
    assert SECRET in checkout.taken()


def test_the_action_installs_itself_and_runs_nothing_of_the_checkout(
    checkout: HostileCheckout, tmp_path: Path
) -> None:
    action = tmp_path / "action"
    tracked = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard",
         "src", "scripts", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, tracked):
        (action / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, action / name)
    (tmp_path / "temp").mkdir()
    environ = {
        "GITHUB_ACTION_PATH": str(action),
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
        "PG_PYTHON": sys.executable,
        "PG_ENVIRONMENT": "demo",
        "PG_ROOT": ".",
        "PG_PLAN": "plan.json",
        "PG_ARGUMENTS": "",
        # A workflow may set relative ones for its own steps.
        "PYTHONPATH": ".:src",
        "PYTHONSTARTUP": "sitecustomize.py",
        "PARTNERGATE_SERVER_URL": "http://127.0.0.1:9",
        "PARTNERGATE_DEMO_IDP": "http://127.0.0.1:9",
        "PARTNERGATE_VAR_SERVER_URL": "http://127.0.0.1:9",
        "PARTNERGATE_VAR_DEMO_IDP": "http://127.0.0.1:9",
        "PARTNERGATE_KEYCLOAK_URL": "http://127.0.0.1:9",
        "PARTNERGATE_KEYCLOAK_USER": "planner",
        "PARTNERGATE_KEYCLOAK_PASSWORD": SECRET,
        "ACME_CLIENT_SECRET": SECRET,
        "INITECH_CLIENT_SECRET": SECRET,
    }
    steps = yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"]
    assert all("uses" not in step for step in steps), "another action is code that its owner can change"
    install, run, _ = (step["run"] for step in steps)
    installed = checkout.run(install, **environ)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    validated = checkout.run(run, **environ | {"PG_COMMAND": "validate"})
    assert validated.returncode == 0, validated.stdout + validated.stderr
    planned = checkout.run(run, **environ | {"PG_COMMAND": "plan"})
    assert "127.0.0.1:9" in planned.stderr, "the plan reached the point at which it needs the server"
    assert checkout.taken() == ""
    # The driver of a PostgreSQL store is part of it: the plan compares statements where a store is set.
    driver = checkout.run(
        f"{tmp_path}/temp/partnergate-venv/bin/python -I -c 'import psycopg; print(psycopg.pq.version())'"
    )
    assert driver.returncode == 0, driver.stderr


def test_the_jobs_of_the_template_run_nothing_of_the_checkout(checkout: HostileCheckout) -> None:
    template = yaml.safe_load((ROOT / "partnergate.gitlab-ci.yml").read_text())
    environ = {
        "PARTNERGATE_PYTHON": sys.executable,
        "PARTNERGATE_IMAGE": "registry.test/partnergate@sha256:" + "0" * 64,
        "PARTNERGATE_SERVER_URL": "http://127.0.0.1:9",
        "PARTNERGATE_DEMO_IDP": "http://127.0.0.1:9",
        "PARTNERGATE_VAR_SERVER_URL": "http://127.0.0.1:9",
        "PARTNERGATE_VAR_DEMO_IDP": "http://127.0.0.1:9",
        "PARTNERGATE_KEYCLOAK_URL": "http://127.0.0.1:9",
        "PARTNERGATE_KEYCLOAK_USER": "planner",
        "PARTNERGATE_KEYCLOAK_PASSWORD": SECRET,
        "PG_ENVIRONMENT": "demo",
    }
    before = template[".partnergate"]["before_script"]
    validated = checkout.run("\n".join([*before, *template["partnergate validate"]["script"]]), **environ)
    assert validated.returncode == 0, validated.stdout + validated.stderr
    checkout.run("\n".join([*before, *template[".partnergate:plan"]["script"]]), **environ)
    checkout.run("\n".join([*before, *template[".partnergate:apply"]["script"]]), **environ)
    assert checkout.taken() == ""


def test_files_that_form_a_repository_run_no_command(checkout: HostileCheckout) -> None:
    """A pull request can contain the files of a bare repository; Git would obey its settings."""
    root = checkout.directory / "identity"
    shutil.copytree(checkout.directory / "partners", root / "partners")
    shutil.copytree(checkout.directory / "realm_templates", root / "realm_templates")
    (root / "HEAD").write_text("ref: refs/heads/main\n")
    for folder in ("objects", "refs"):
        (root / folder).mkdir()
    (root / "config").write_text(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f'\tfsmonitor = "echo stolen >> {checkout.stolen}; false"\n'
    )
    subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=False)
    assert "stolen" in checkout.taken(), "control: a plain git obeys them"
    checkout.stolen.unlink()
    assert commits_of(root)(PurePosixPath("partners/acme.yaml")) == ""
    assert checkout.taken() == ""
