"""The running service reloads a changed partner file and keeps the last valid one after an invalid edit."""

import json
import shutil
import time
import urllib.request
from pathlib import Path

from worlds.service_process import WORKSPACE, Service


def fetched(service, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}{path}", timeout=10) as answer:
        return answer.read().decode()


def wait_for(what, seconds=30):
    end = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def minimum_in_store(store):
    """Whether the newest version of acme in the store has the changed minimum."""
    with store.read() as connection:
        spec = connection.exec_driver_sql(
            "SELECT spec FROM partner_versions WHERE partner = 'acme' ORDER BY since_ms DESC LIMIT 1"
        ).scalar_one()
    return "751.00" in spec


def test_a_valid_change_is_applied_and_an_invalid_one_is_not(store_url, store, tmp_path: Path):
    for part in ("partners", "realm_templates"):
        shutil.copytree(WORKSPACE / part, tmp_path / "site" / part)
    acme = tmp_path / "site/partners/acme.yaml"
    good = acme.read_text()
    with Service(store_url, "--open-local", workspace=tmp_path / "site") as service:
        assert "notes" not in json.loads(fetched(service, "/readyz"))
        acme.write_text(good.replace("stage: live", "stage: lively").replace("750.00", "751.00"))
        note = wait_for(lambda: json.loads(fetched(service, "/readyz")).get("notes"))
        assert "the last valid files" in note["files"]
        assert "partnergate_files_refused 1.0" in fetched(service, "/metrics")
        assert not minimum_in_store(store)
        acme.write_text(good.replace("750.00", "751.00"))
        wait_for(lambda: minimum_in_store(store))
        wait_for(lambda: "partnergate_files_refused 0.0" in fetched(service, "/metrics"))
        assert "notes" not in json.loads(fetched(service, "/readyz"))
