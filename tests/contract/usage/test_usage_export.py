"""Usage leaves the store as it was sent, with whose it is and no identifier of a partner's user."""

import csv
import io
from datetime import timedelta

from builders.events import REALM
from builders.usage import NOW, amend, prepared, usage, void
from partnergate.metering.usage import SubjectKind
from partnergate.store.export import DATASETS, rows_of, titles, write_csv, write_parquet

WHAT = DATASETS["usage"]
AROUND = (NOW - timedelta(days=9), NOW + timedelta(days=9))


def written(store, partner=None, span=AROUND):
    text = io.StringIO()
    with store.read() as connection:
        number = write_csv(rows_of(connection, WHAT, *span, partner), WHAT, text)
    rows = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert len(rows) == number
    return {row["id"]: row for row in rows}, text.getvalue()


def filled(store):
    stored = prepared(store)
    stored.append(
        REALM,
        [
            usage(1, quantity=5),
            usage(2, session="g1"),
            usage(3, session="acme:ada", kind=SubjectKind.PARTNER_USER),
            usage(4, session="unknown"),
            amend(5, 1, quantity=6),
            usage(6, session="g1"),
            void(7, 6),
        ],
        NOW,
    )
    stored.attribute_pending()


def test_usage_is_exported_with_its_partner_or_the_reason_why_it_has_none(store):
    filled(store)
    rows, text = written(store)
    assert sorted(rows) == list("1234567")
    assert [rows[n]["partner"] for n in "1234"] == ["acme", "globex", "acme", ""]
    assert rows["1"]["session_id"] == "s1"
    assert rows["1"]["data"] == '{"quantity":5}'
    assert rows["1"]["time_at"] == NOW.isoformat(timespec="microseconds")
    assert rows["4"]["reason"] == "unknown_session"
    assert (rows["5"]["action"], rows["5"]["target"], rows["7"]["action"]) == ("amend", "1", "void")
    assert rows["3"]["subject"] == rows["1"]["subject"] != ""
    assert (rows["6"]["partner"], rows["6"]["reason"]) == ("", "voided")
    assert "ada" not in text


def test_usage_is_exported_by_partner_and_day(store):
    filled(store)
    assert sorted(written(store, "globex")[0]) == ["2"]
    assert written(store, span=(NOW + timedelta(microseconds=1), AROUND[1]))[0] == {}
    assert len(written(store, span=(NOW, NOW + timedelta(microseconds=1)))[0]) == 7


def test_usage_is_exported_as_parquet(store, tmp_path):
    import pyarrow.parquet as pq

    filled(store)
    with store.read() as connection:
        assert write_parquet(rows_of(connection, WHAT, *AROUND, None), WHAT, tmp_path / "u.parquet") == 7
    table = pq.read_table(tmp_path / "u.parquet")
    assert table.column_names == list(titles(WHAT))
    assert sorted(table.column("id").to_pylist()) == list("1234567")
