"""The generated files in the repository are those that the program generates now."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from generated_files import GENERATED_FILES, main
from partnergate.cli.schemas import SCHEMAS, published_schema
from worlds import environment_with_support

ROOT = Path(__file__).parents[2]
_MAIN = "import sys, pathlib, generated_files as g; sys.exit(g.main(sys.argv[2:], pathlib.Path(sys.argv[1])))"


def run(*arguments: str, root: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because a command keeps the help option of the first context it was used in."""
    program = [sys.executable, "-c", _MAIN, str(root), *arguments]
    environ = environment_with_support()
    return subprocess.run(program, check=False, capture_output=True, text=True, env=environ)


def test_no_generated_file_is_out_of_date() -> None:
    """If this fails, run scripts/generate and review the diff."""
    found = run("--check", root=ROOT)
    assert (found.returncode, found.stderr) == (0, "")


def test_every_schema_in_the_repository_is_generated() -> None:
    listed = {path for path, _ in GENERATED_FILES if path.startswith("schema/")}
    assert listed == {f"schema/{file.name}" for file in (ROOT / "schema").iterdir()}


def test_a_stale_or_missing_file_is_named_with_the_command_and_then_written(tmp_path: Path) -> None:
    assert run(root=tmp_path).returncode == 0
    (tmp_path / "docs/exit-codes.md").write_text("old")
    (tmp_path / "schema/plan.schema.json").unlink()
    found = run("--check", root=tmp_path)
    assert found.returncode == 1
    assert found.stderr.splitlines() == [
        "out of date: schema/plan.schema.json; run scripts/generate",
        "out of date: docs/exit-codes.md; run scripts/generate",
    ]
    written = run(root=tmp_path).stdout.splitlines()
    assert written == ["written schema/plan.schema.json", "written docs/exit-codes.md"]
    assert run("--check", root=tmp_path).returncode == 0


def test_an_unknown_argument_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--chek"], tmp_path) == 64
    assert "usage: scripts/generate" in capsys.readouterr().err


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_published_schema_is_a_draft_07_schema(name: str) -> None:
    schema = published_schema(name)
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
