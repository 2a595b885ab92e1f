"""Changed partner files are applied completely or not at all, and rejections are reported."""

import logging
import os
import shutil
import threading
from pathlib import Path

import pytest

from builders.events import T0
from partnergate.diagnostics import has_errors
from partnergate.errors import InvalidInputError, StoreError
from partnergate.language.folder import folder_stamp
from partnergate.language.load import load_workspace
from partnergate.model.instants import from_ms
from partnergate.service.deps import ServiceDeps
from partnergate.service.health import readiness
from partnergate.service.loops.file_watcher import CurrentFiles, FileWatcher
from partnergate.service.metrics import ServiceMetrics
from partnergate.store import EventIngest, open_store
from partnergate.store.partners.history import load_registry

ROOT = Path(__file__).parents[3]


class Site:
    """A workspace directory, a store, and the loop that connects them."""

    def __init__(self, root, store):
        self.root, self.store, self.now, self.broken = root, store, T0 / 1000, False
        self.metrics = ServiceMetrics()
        loaded = folder_stamp(root)
        self.files = CurrentFiles(self._load())
        EventIngest(store=store).record_registry(self.files.workspace.realm, self.files.partners, 0)
        self.watching = FileWatcher(
            files=self.files, store=store, metrics=self.metrics, stamp=lambda: folder_stamp(root), load=self._load,
            loaded=loaded, clock=lambda: from_ms(int(self.now * 1000)),
        )  # fmt: skip

    def _load(self):
        self.on_read()
        found, diagnostics = load_workspace(self.root, "demo", variables=os.environ)
        if found is None or has_errors(diagnostics):
            raise InvalidInputError(diagnostics)
        return found

    def on_read(self):
        """Hook for tests: runs while the files are loaded."""

    def edit(self, old, new, name="acme"):
        path = self.root / "partners" / f"{name}.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def reload(self):
        """Check until an edit is stable; return whether it was applied once."""
        return [self.watching.check() for _ in range(3)].count(True) == 1

    def spec_now(self, name="acme"):
        with self.store.read() as connection:
            registry = load_registry(connection, self.files.workspace.realm.realm)
        return registry.spec_at(name, from_ms(T0 + 1))

    def rejected(self):
        return self.metrics.registry.get_sample_value("partnergate_files_refused")

    def notes(self):
        deps = ServiceDeps(
            realm=self.files.workspace.realm.realm, environment="demo", store=self.store, usage=None, queue=None,
            authorizer=None, clock=lambda: from_ms(T0), files=self.files,
        )  # fmt: skip
        found = readiness(deps, threading.Event(), from_ms(T0))
        assert found.ready
        return dict(found.notes)


@pytest.fixture
def site(tmp_path):
    for part in ("partners", "realm_templates"):
        shutil.copytree(ROOT / part, tmp_path / part)
    with open_store(f"sqlite:///{tmp_path}/store.db") as store:
        yield Site(tmp_path, store)


def test_unchanged_files_are_not_loaded_again(site):
    site.on_read = lambda: pytest.fail("the files were loaded")
    assert [site.watching.check() for _ in range(4)] == [False] * 4
    assert site.rejected() == 0


def test_a_changed_agreement_is_applied_without_a_restart(site, caplog):
    before = site.spec_now().agreements
    site.edit('minimum: "750.00"', 'minimum: "751.00"')
    with caplog.at_level(logging.INFO, "partnergate"):
        assert site.reload()
    assert site.spec_now().agreements != before
    assert (
        next(p for p in site.files.partners if p.partner == "acme").agreements == site.spec_now().agreements
    )
    assert "files_reloaded" in caplog.messages
    assert site.metrics.registry.get_sample_value("partnergate_files_loaded_timestamp_seconds") == T0 / 1000


def test_an_edit_is_not_loaded_before_it_is_stable(site):
    site.edit('minimum: "750.00"', 'minimum: "751.00"')
    assert not site.watching.check()
    site.edit('minimum: "751.00"', 'minimum: "752.00"')
    assert not site.watching.check()
    assert site.watching.check()
    assert '"752' in (site.root / "partners/acme.yaml").read_text()


def test_an_invalid_edit_keeps_the_last_valid_files_and_reports_the_position(site, caplog):
    before, spec = site.files.workspace, site.spec_now()
    site.edit("stage: live", "stage: lively")
    with caplog.at_level(logging.INFO, "partnergate"):
        assert not site.reload()
    assert site.files.workspace is before
    assert site.spec_now() == spec
    assert site.rejected() == 1
    assert "partners/acme.yaml:5: PG" in site.files.problem
    assert "lively" not in site.files.problem
    assert "the last valid files" in site.notes()["files"]
    assert "acme" not in site.notes()["files"]  # the endpoint is public
    assert caplog.messages.count("files_rejected") == 1  # once, not on every check


def test_no_file_is_applied_until_all_files_are_valid(site):
    spec = site.spec_now()
    site.edit('minimum: "750.00"', 'minimum: "751.00"')
    site.edit("partnergate: 1", "partnergate: one", "globex")
    assert not site.reload()
    assert site.spec_now() == spec
    site.edit("partnergate: one", "partnergate: 1", "globex")
    assert site.reload()
    assert site.spec_now() != spec
    assert site.rejected() == 0
    assert site.notes() == {}


def test_reverting_an_invalid_edit_clears_the_problem(site, caplog):
    path = site.root / "partners/acme.yaml"
    kept = site.root / "kept.yaml"
    shutil.copy2(path, kept)
    path.rename(site.root / "original.yaml")
    shutil.copy2(kept, path)
    site.edit("stage: live", "stage: lively")
    assert not site.reload()
    assert site.rejected() == 1
    (site.root / "original.yaml").replace(path)
    with caplog.at_level(logging.INFO, "partnergate"):
        assert not site.reload()
    assert site.rejected() == 0
    assert "files_fixed" in caplog.messages


def test_files_that_change_while_they_are_loaded_are_loaded_again(site):
    site.edit('minimum: "750.00"', 'minimum: "751.00"')
    site.watching.check()
    site.on_read = lambda: (
        site.edit('minimum: "751.00"', 'minimum: "752.00"'),
        setattr(site, "on_read", lambda: None),
    )
    assert not site.watching.check()
    assert site.reload()


def test_a_partner_with_a_missing_file_is_not_retired(site):
    """An unmounted directory looks the same."""
    (site.root / "partners/acme.yaml").unlink()
    assert not site.reload()
    assert site.spec_now().stage.value == "live"
    assert "missing partner files: acme" in site.files.problem
    shutil.rmtree(site.root / "partners")
    assert not site.reload()
    assert site.spec_now().stage.value == "live"


def test_a_new_partner_is_added_without_a_restart(site):
    (site.root / "partners/newco.yaml").write_text(
        (site.root / "partners/initech.yaml").read_text().replace("initech", "newco").replace("Initech", "Newco")
        .replace("INITECH", "NEWCO").replace("stage: live", "stage: staging")
    )  # fmt: skip
    assert site.reload(), site.files.problem
    assert site.spec_now("newco").stage.value == "staging"


def test_a_changed_realm_requires_a_restart(site):
    template = site.root / "realm_templates/demo.yaml"
    text = template.read_text()
    assert "realm: " in text
    template.write_text(text.replace("realm: ", "realm: other-", 1))
    assert not site.reload()
    assert "restart" in site.files.problem


def test_a_store_failure_keeps_the_old_files_until_a_retry_succeeds(site, monkeypatch):
    before, spec = site.files.workspace, site.spec_now()
    site.edit('minimum: "750.00"', 'minimum: "751.00"')
    site.watching.check()
    unavailable = open_store(f"sqlite:///{site.root}/away.db")
    site.watching.store = unavailable
    with unavailable.write() as connection:
        connection.exec_driver_sql("DROP TABLE partner_versions")
    with pytest.raises(StoreError):
        site.watching.check()
    unavailable.close()
    assert site.files.workspace is before
    site.watching.store = site.store
    assert site.watching.check()
    assert site.spec_now() != spec
