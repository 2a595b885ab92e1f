"""Locks, licences and the bill of materials: what is installed is pinned, hashed, allowed and listed."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = Path(__file__).parents[2]
DIGEST = r"@sha256:[0-9a-f]{64}"
HASH = " --hash=sha256:" + "0" * 64


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a module of ``scripts/checks``."""
    monkeypatch.syspath_prepend(ROOT / "scripts" / "checks")
    return importlib.import_module


def found(
    checks: Any, *, lock: str = f"a==1.0{HASH}\n", constraints: str = "a==1.0\n", needs: str = "a>=1"
) -> list[str]:
    project = {
        "build-system": {"requires": []},
        "project": {
            "name": "x",
            "dependencies": [needs],
            "optional-dependencies": {"dev": ["x[export]"], "devstack": [], "postgresql": [], "export": []},
        },
    }
    locks = dict.fromkeys(("devstack", "runtime", "image"), f"a==1.0{HASH}\n") | {"dev": lock}
    return [
        p
        for p in checks("locks").problems(project, constraints, locks, installed=False)
        if "/dev.txt" in p or "constraints" in p
    ]


def test_a_lock_that_satisfies_everything_has_no_problem(checks) -> None:
    assert found(checks) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"lock": "a==1.0\n"}, "a has no hash"),
        ({"lock": "a==1.0 --hash=md5:0\n"}, "not a SHA-256 hash"),
        ({"lock": f"a>=1.0{HASH}\n"}, "not pinned to one version"),
        ({"lock": f"a @ https://elsewhere.test/a.whl{HASH}\n"}, "not pinned to one version"),
        ({"lock": f"a==1.1{HASH}\n"}, "a is 1.1, but scripts/constraints.txt has 1.0"),
        ({"lock": ""}, "a is missing"),
        ({"constraints": "b==1\n"}, "a is missing; add a==1.0"),
        ({"needs": "a>=2"}, "a>=2 is required, but 1.0 is locked"),
        ({"needs": "b"}, "b is missing"),
    ],
)
def test_a_lock_that_is_out_of_date_is_reported(checks, change: dict[str, str], words: str) -> None:
    assert any(words in problem for problem in found(checks, **change)), found(checks, **change)


def test_a_new_package_gets_its_version_in_the_constraints(checks) -> None:
    lock = f"a==1.0{HASH}\nB.c==2.0{HASH}\n"
    assert checks("locks").with_missing("# head\na==1.0\n", lock) == "# head\na==1.0\nb-c==2.0\n"
    assert checks("locks").with_missing("# head\nb_c==1.9\na==1.0\n", lock) == "# head\na==1.0\nb_c==1.9\n"


def test_a_missing_requirement_of_an_installed_package_is_reported(checks) -> None:
    """The installation does not resolve dependencies, so an incomplete lock would fail at run time."""
    locks = checks("locks")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    texts = {f.stem: f.read_text() for f in (ROOT / "scripts/locks").glob("*.txt")}
    without = re.sub(r"(?m)^starlette==(.*\\\n)+.*\n", "", texts["runtime"])
    assert without != texts["runtime"]
    constraints = (ROOT / "scripts/constraints.txt").read_text()
    problems = list(locks.problems(project, constraints, texts | {"runtime": without}))
    assert any("runtime.txt: starlette is missing" in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("expression", "allowed"),
    [
        ("MIT", True),
        ("Apache-2.0 AND BSD-2-Clause", True),
        ("GPL-3.0-only OR MIT", True),
        ("AGPL-3.0-only", False),
        ("GPL-2.0-or-later", False),
        ("LGPL-3.0-only", False),
        ("MIT AND GPL-3.0-only", False),
        ("Something Else", False),
        ("", False),
    ],
)
def test_only_named_licences_are_allowed(checks, expression: str, allowed: bool) -> None:
    assert (list(checks("licences").problems({"some-library": expression})) == []) is allowed


def test_every_dependency_has_an_allowed_licence(checks) -> None:
    licences = checks("licences")
    assert list(licences.problems(licences.licences())) == []


def test_the_bill_of_materials_is_valid_and_lists_every_locked_package(checks) -> None:
    module = checks("bill_of_materials")
    text = JsonV1Dot6(module.bill_of_materials()).output_as_string()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert text == JsonV1Dot6(module.bill_of_materials()).output_as_string(), "the same commit, the same text"
    locked = checks("locks").locked_packages((ROOT / "scripts/locks/image.txt").read_text())
    listed = {c["name"]: c for c in yaml.safe_load(text)["components"]}
    assert {name: c["version"] for name, c in listed.items()} == {n: e.version for n, e in locked.items()}
    assert all(c["licenses"] and c["hashes"] for c in listed.values())


def test_the_image_installs_only_locked_files_on_a_base_with_a_digest() -> None:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", "").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM")}
    assert bases == {"${PYTHON_IMAGE}"}
    (base,) = (line for line in lines if line.startswith("ARG PYTHON_IMAGE="))
    assert re.search(DIGEST + r"\Z", base)
    installs = [line for line in lines if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line or "--no-deps --no-build-isolation ." in line for line in installs)


def test_neither_pipeline_uses_another_action_or_an_index_without_hashes() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    assert [step["uses"] for step in action["runs"]["steps"] if "uses" in step] == []
    texts = [
        (ROOT / name).read_text() for name in ("scripts/action/install", "scripts/bootstrap", "Dockerfile")
    ]
    for text in texts:
        for line in text.replace("\\\n", "").splitlines():
            if "pip install" in line:
                assert "--require-hashes" in line or "--no-deps" in line, line
    assert "pip install" not in (ROOT / "partnergate.gitlab-ci.yml").read_text()
