"""Which holes a plan warns of, by the server's version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders.partners import partner
from builders.realms import desired, plan_of
from partnergate.planning.advisories import ADVISORIES, advisories_for


def codes(version):
    return {found.code for found in advisories_for(version)}


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
    assert advisories_for("") == ()
    assert advisories_for("nightly") == ()


def test_a_server_older_than_supported_is_named():
    assert "PGV001" in codes("26.2.0")
    assert "PGV001" not in codes("26.3.0")


def test_each_vulnerability_is_listed_once_with_sorted_fixes():
    names = [advisory.code for advisory in ADVISORIES]
    assert len(names) == len(set(names))
    for advisory in ADVISORIES:
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
