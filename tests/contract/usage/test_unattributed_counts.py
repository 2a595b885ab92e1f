"""Counts of unattributed usage follow inserts, updates, and deletes, and always equal the rows."""

import json
import zipfile

import sqlalchemy as sa

from builders.events import REALM, KnownSubjects, login, realm, refresh
from builders.partners import partner
from builders.usage import NOW, keep, prepared, usage, void
from partnergate.store import EventIngest, open_store
from partnergate.store.database.backup import restore_backup, write_backup
from partnergate.store.rebuild import rebuild
from partnergate.store.usage.overview import unattributed_counts

AT = int(NOW.timestamp() * 1000) - 3_600_000
_SESSIONS = (
    "SELECT reason, count(*) FROM sessions WHERE realm = :realm AND partner IS NULL AND reason IS NOT NULL"
    " GROUP BY reason"
)
_USAGE = (
    "SELECT a.reason, count(*) FROM usage_attributed a JOIN usage_events e ON e.seq = a.seq"
    " JOIN usage_sources u ON u.no = e.source_no WHERE a.reason IS NOT NULL AND u.realm = :realm"
    " GROUP BY a.reason"
)


def counted(store, name=REALM):
    """Reason -> sessions and usage events, after a look at every row says the same."""
    with store.read() as connection:
        found = unattributed_counts(connection, name)
        sessions, usage_events = (
            dict(map(tuple, connection.execute(sa.text(q), {"realm": name}))) for q in (_SESSIONS, _USAGE)
        )
    assert {c.reason: c.sessions for c in found if c.sessions} == sessions
    assert {c.reason: c.usage_events for c in found if c.usage_events} == usage_events
    return {c.reason: (c.sessions, c.usage_events) for c in found}


def direct(n, **more):
    return login(AT + n, session=f"d{n}", user=f"local{n}", alias=None, event_id=f"d{n}", **more)


def test_counts_equal_the_rows_through_logins_usage_voids_files_and_rebuilds(store, tmp_path):
    stored = prepared(store)
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    assert counted(store) == {}
    keep(ingest, *(direct(n) for n in range(80)))
    (first,) = counted(store).values()
    assert first == (80, 0)
    stored.append(REALM, [usage(n, session=f"late{n % 90}") for n in range(200)], NOW)
    stored.append("other", [usage(n, session="d1") for n in range(3)], NOW)
    stored.attribute_pending()
    assert sum(n for _, n in counted(store).values()) == 200
    assert sum(n for _, n in counted(store, "other").values()) == 3
    keep(ingest, *(refresh(AT + n, session=f"r{n}", user="u", event_id=f"r{n}") for n in range(30)))
    before = sum(n for n, _ in counted(store).values())
    keep(ingest, *(login(AT - n, session=f"r{n}", user="u", event_id=f"lr{n}") for n in range(10)))
    assert sum(n for n, _ in counted(store).values()) == before - 10
    keep(ingest, *(login(AT + n, session=f"late{n}", user="u", event_id=f"late{n}") for n in range(40)))
    stored.append(REALM, [usage("bad"), void("v1", "bad"), void("v2", 1)], NOW)
    stored.attribute_pending()
    moved = counted(store)
    assert moved["voided"] == (0, 2)
    ingest.record_registry(
        realm(REALM), (partner("acme", aliases=("renamed",)), partner("globex")), AT - 60_000
    )
    stored.attribute_pending()
    counted(store)
    rebuild(store, REALM)
    stored.rebuild()
    again = counted(store)
    write_backup(store, tmp_path / "b", made_ms=AT)
    for name in ("b", without_counts(tmp_path / "b")):
        with open_store(f"sqlite:///{tmp_path}/restored-{name}.db") as restored:
            restore_backup(restored, tmp_path / name)
            assert counted(restored) == again


def without_counts(file):
    """The backup as a version before this one wrote it."""
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(file.with_name("old"), "w") as old:
        manifest = json.loads(whole.read("manifest.json"))
        manifest["tables"] = [t for t in manifest["tables"] if t["name"] != "unattributed_counts"]
        for table in manifest["tables"]:
            old.writestr(f"{table['name']}.ndjson", whole.read(f"{table['name']}.ndjson"))
        old.writestr("manifest.json", json.dumps(manifest))
    return "old"
