"""The real service takes up a changed partner file while it runs, and keeps the last good one of a broken edit."""

import json
import shutil
import time
import urllib.request
from pathlib import Path

from worlds.service_process import WORKSPACE, Service


def response_text(service, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}{path}", timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def minimum_in_store(store):
    """What the newest version of acme has as its minimum."""
    with store.read() as connection:
        spec = connection.exec_driver_sql(
            "SELECT spec FROM partner_versions WHERE partner = 'acme' ORDER BY since_ms DESC LIMIT 1"
        ).scalar_one()
    return "751.00" in spec


def test_a_changed_file_is_taken_and_a_broken_one_is_not_without_a_restart(store_url, store, tmp_path: Path):
    for part in ("partners", "realm_templates"):
        shutil.copytree(WORKSPACE / part, tmp_path / "site" / part)
    acme = tmp_path / "site/partners/acme.yaml"
    good = acme.read_text()
    with Service(store_url, "--open-local", workspace=tmp_path / "site") as service:
        assert "notes" not in json.loads(response_text(service, "/readyz"))
        acme.write_text(good.replace("stage: live", "stage: lively").replace("750.00", "751.00"))
        note = wait_for(lambda: json.loads(response_text(service, "/readyz")).get("notes"))
        assert "the last good ones" in note["files"]
        assert "partnergate_files_refused 1.0" in response_text(service, "/metrics")
        assert not minimum_in_store(store)
        acme.write_text(good.replace("750.00", "751.00"))
        wait_for(lambda: minimum_in_store(store))
        wait_for(lambda: "partnergate_files_refused 0.0" in response_text(service, "/metrics"))
        assert "notes" not in json.loads(response_text(service, "/readyz"))
