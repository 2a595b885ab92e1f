"""An outside auditor looks at the realm that apply made: what it finds has a written reason."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from partnergate.devstack.free_ports import free_ports
from partnergate.playground.main_job import ENVIRONMENT
from worlds.main_jobs import delete_realms, renamed_job

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
RECORD = ROOT / "docs/decisions/external-audit.md"


def reasons() -> set[tuple[str, str]]:
    """(finding, entity) of each row of the table in the record; ``*`` is every entity."""
    rows = re.findall(r"^\| `(\w+)` \| `?([^|`]+?)`? \|", RECORD.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows
    return set(rows)


@pytest.fixture(scope="module")
def findings(keycloak, tmp_path_factory):
    """What the auditor says of the applied demo realm."""
    (port,) = free_ports(1)
    work = tmp_path_factory.mktemp("audit")
    job = renamed_job(keycloak, work=work, app_url=f"http://localhost:{port}", suffix="-audit")
    delete_realms(job)
    job.start_partners()
    try:
        applied = job.command("apply", "--environment", ENVIRONMENT, "--yes", "--create-realm")
        assert applied.exit_code == 0, applied.output + applied.errors
        with job.connection() as realm:
            whole = realm.post_for_json("partial-export", exportClients=True, exportGroupsAndRoles=True)
    finally:
        delete_realms(job)
    file = work / "realm.json"
    file.write_text(json.dumps(whole), encoding="utf-8")
    auditor = Path(sys.executable).with_name("kcwarden")
    ran = subprocess.run(
        [auditor, "audit", "--format", "json", "--output", work / "found.json", file],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads((work / "found.json").read_text(encoding="utf-8"))


def test_the_auditor_saw_the_providers(findings):
    assert findings


def test_every_finding_has_a_written_reason(findings):
    known = reasons()
    unexplained = {
        (found["reporting_auditor"], found["entity_type"], found["entity"])
        for found in findings
        if not {(found["reporting_auditor"], "*"), (found["reporting_auditor"], found["entity"])} & known
    }
    assert unexplained == set()
