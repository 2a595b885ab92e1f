"""Which holes a plan warns of, by the server's version."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from builders.partners import partner
from builders.realms import desired, plan_of
from partnergate.errors import UsageError
from partnergate.planning import advisories
from partnergate.planning.advisories import advisories_for
from partnergate.planning.advisory_file import bundled_table, read_table


def codes(version):
    return {found.code for found in advisories_for(version, bundled_table())}


@pytest.mark.parametrize(
    ("version", "code", "open_"),
    [
        ("26.5.4", "CVE-2026-3009", True),
        ("26.5.5", "CVE-2026-3009", False),
        ("26.4.9", "CVE-2026-3009", True),
        ("26.4.10", "CVE-2026-3009", False),
        ("26.3.5", "CVE-2026-3009", True),
        ("26.7.3", "CVE-2026-3009", False),
        ("26.7.3", "CVE-2026-18217", True),
        ("26.7.5", "CVE-2026-18217", False),
        ("26.8.0", "CVE-2026-18217", False),
        ("26.8.0", "CVE-2026-15943", True),
        ("26.8.1", "CVE-2026-15943", False),
        ("27.0.0", "CVE-2026-12388", True),
    ],
)
def test_a_vulnerability_is_open_until_the_fix_of_its_line(version, code, open_):
    """A line without a fix of its own, between two that have one, is open."""
    assert (code in codes(version)) is open_


def test_nothing_is_claimed_of_an_unknown_version():
    assert advisories_for("", bundled_table()) == ()
    assert advisories_for("nightly", bundled_table()) == ()


def test_a_server_older_than_supported_is_named():
    assert "PGV001" in codes("26.2.0")
    assert "PGV001" not in codes("26.3.0")


def test_each_vulnerability_is_listed_once_with_sorted_fixes():
    names = [advisory.code for advisory in bundled_table().advisories]
    assert len(names) == len(set(names))
    for advisory in bundled_table().advisories:
        versions = [tuple(map(int, version.split("."))) for version in advisory.fixed]
        assert versions == sorted(versions)
        assert advisory.advice


def test_a_plan_warns_only_of_advisories_about_its_changes():
    """doctor lists all of them; a plan without changes lists none."""
    changed = plan_of(desired(), partner("acme"))
    unchanged = plan_of(desired(partner("acme")), partner("acme"))
    assert {w.code for w in changed.warnings} >= {"CVE-2026-18217", "CVE-2026-12388"}
    assert [w.code for w in unchanged.warnings if w.code.startswith("CVE-")] == []
    renamed = plan_of(desired(partner("acme")), replace(partner("acme"), name="Acme Works"))
    codes_of_provider = {w.code for w in renamed.warnings}
    assert "CVE-2026-18217" in codes_of_provider
    assert "CVE-2026-12388" not in codes_of_provider


ENTRY = {
    "code": "CVE-2027-1",
    "message": "something is wrong",
    "fixed": ["26.8.2"],
    "issue": 1,
    "concerns": ["identity_provider"],
    "mitigated_by": "",
}
TABLE = {"format_version": 1, "published": "2027-01-02", "advisories": [ENTRY]}


def test_a_newer_table_is_read_without_a_release():
    table = read_table(json.dumps(TABLE).encode(), name="newer.json")
    assert [a.code for a in advisories_for("26.8.1", table)] == ["CVE-2027-1"]
    assert advisories_for("26.8.2", table) == ()
    assert table.age_days(date(2027, 1, 12)) == 10


def test_the_bundled_table_has_the_published_format():
    text = (Path(advisories.__file__).parent / "advisories.json").read_bytes()
    assert read_table(text, name="advisories.json") == bundled_table()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[]", "at its top"),
        (json.dumps(TABLE | {"format_version": 2}), "at format_version"),
        (json.dumps(TABLE | {"published": "yesterday"}), "at published"),
        (json.dumps(TABLE | {"more": 1}), "more"),
        (json.dumps(TABLE | {"advisories": [ENTRY | {"fixed": ["26.8"]}]}), "at advisories[0].fixed[0]"),
        (
            json.dumps(TABLE | {"advisories": [ENTRY | {"concerns": ["users"]}]}),
            "at advisories[0].concerns[0]",
        ),
        (json.dumps(TABLE | {"advisories": [ENTRY, ENTRY]}), "CVE-2027-1 is listed twice"),
        (json.dumps(TABLE | {"advisories": [ENTRY | {"fixed": ["26.8.2", "26.7.6"]}]}), "not sorted"),
        (json.dumps(TABLE | {"advisories": [ENTRY | {"message": "\x1b[2J"}]}), "not printable"),
        (json.dumps(TABLE)[:-1] + ', "published": "2026-01-01"}', "published: duplicate key"),
        ('"' + "x" * 1_000_001 + '"', "larger than 1,000,000 bytes"),
    ],
)
def test_a_table_with_a_mistake_is_refused(text, words):
    with pytest.raises(UsageError) as refused:
        read_table(text.encode(), name="newer.json")
    assert words in str(refused.value)
    assert refused.value.target == "newer.json"
