"""With 700 MB of address space, every hostile file causes a diagnostic and the process ends normally."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
from hostile.texts import HOSTILE, HOSTILE_METADATA  # noqa: E402

LIMIT = 700 * 1024 * 1024


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


@pytest.fixture
def workspace(tmp_path):
    shutil.copytree(REPOSITORY / "realm_templates", tmp_path / "realm_templates")
    (tmp_path / "partners").mkdir()
    return tmp_path


def validated(root: Path) -> dict[str, set[str]]:
    """Return codes by file name."""
    done = subprocess.run(
        [Path(sys.executable).parent / "partnergate", "validate", "--root", root, "--format", "json"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limited,
    )
    assert done.returncode == 3, done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    found: dict[str, set[str]] = {}
    for one in json.loads(done.stdout)["diagnostics"]:
        found.setdefault(Path(one["file"]).name, set()).add(one["code"])
    return found


def test_all_hostile_files_together_cause_diagnostics(workspace):
    names = {name: f"{name.replace('_', '-')}.yaml" for name in HOSTILE}
    for name, (content, _) in HOSTILE.items():
        (workspace / "partners" / names[name]).write_bytes(content)
    found = validated(workspace)
    assert {name: code for name, (_, code) in HOSTILE.items() if code not in found.get(names[name], ())} == {}


def test_a_file_of_half_a_gigabyte_is_not_read_completely(workspace):
    with (workspace / "partners/acme.yaml").open("wb") as file:
        file.truncate(LIMIT // 2 + LIMIT)
    assert validated(workspace)["acme.yaml"] == {"PG003"}


@pytest.mark.parametrize("name", HOSTILE_METADATA)
def test_hostile_recorded_metadata_is_a_diagnostic(workspace, name):
    (workspace / "partners/acme.yaml").write_text(
        "partnergate: 1\npartner: acme\nname: Acme\nstage: live\n"
        "sign_in: {protocol: saml, entity_id: https://idp.acme.example/, metadata: {file: acme.idp-metadata.xml}}\n"
        "identity: {subject: name_id}\n"
    )
    (workspace / "partners/acme.idp-metadata.xml").write_bytes(HOSTILE_METADATA[name])
    assert "PG032" in validated(workspace)["acme.idp-metadata.xml"]
