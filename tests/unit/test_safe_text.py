"""Text of other parties never controls a terminal."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from import_graph import PACKAGE, modules
from partnergate.diagnostics import Diagnostic, Severity, Span
from partnergate.errors import PartnergateError
from partnergate.rendering.diagnostics.machine import diagnostics_github, diagnostics_junit
from partnergate.rendering.diagnostics.text import diagnostic_text
from partnergate.safe_text import json_text, plain, plain_fields, plain_lines

HOSTILE = "a\x1b[2J\x9b1m\u202eb\x07\x7f\u2028\ud800c"
SHOWN = r"a\x1b[2J\x9b1m\u202eb\x07\x7f\u2028\ud800c"


@dataclass(frozen=True, slots=True)
class _View:
    name: str
    rows: tuple[tuple[str, int], ...]


def test_controls_and_direction_marks_become_escapes() -> None:
    assert plain(HOSTILE) == SHOWN
    assert plain_lines(f"{HOSTILE}\n{HOSTILE}") == f"{SHOWN}\n{SHOWN}"


def test_every_text_of_a_view_is_escaped() -> None:
    assert plain_fields(_View(HOSTILE, ((HOSTILE, 1),))) == _View(SHOWN, ((SHOWN, 1),))


def test_an_error_never_prints_what_another_party_wrote_raw() -> None:
    error = PartnergateError(HOSTILE, target=HOSTILE, advice=HOSTILE)
    error.__cause__ = ValueError(HOSTILE)
    shown = error.diagnostics()
    assert shown.count(SHOWN) == 4
    assert all(line.isprintable() for line in shown.split("\n"))


def test_a_diagnostic_shows_the_source_line_without_its_controls(tmp_path) -> None:
    span = Span(file=tmp_path / "a.yaml", line=1, column=3, end_column=4)
    found = Diagnostic(
        code="PG001", severity=Severity.ERROR, message=HOSTILE, span=span, hint=HOSTILE, source_line=HOSTILE
    )
    shown = [diagnostic_text(found), diagnostics_github((found,)), diagnostics_junit((found,), ())]
    assert all(line.isprintable() for text in shown for line in text.split("\n"))


@given(st.text() | st.just(HOSTILE))
def test_json_is_printable_and_means_the_same(text: str) -> None:
    shown = json_text({"key": [text]})
    assert json.loads(shown) == {"key": [text]}
    assert not any(c in shown for c in "\x1b\x7f\x9b\u202e\u2066")
    shown.encode()  # no unpaired surrogate is left


@pytest.mark.parametrize("text", ["Müller 测试", "שלום", "نمونه", "e\u0301"])
def test_ordinary_text_of_every_script_stays(text: str) -> None:
    assert plain(text) == text


UNESCAPED = {
    "safe_text": "escapes what it writes",
    "canonical_json": "the bytes under hashes and seals; never shown as they are",
    "rendering.plan.values": "escapes the result",
    "language.drafting": "values of a new partner file, which rejects such characters when it is read",
    "cli.schemas": "our own schemas",
}
"""Modules that write JSON with characters beyond ASCII as they are, each with the reason."""


def test_json_of_other_parties_is_written_by_one_function() -> None:
    found = {
        name.removeprefix(f"{PACKAGE}.")
        for name, path in modules().items()
        if "ensure_ascii=False" in path.read_text(encoding="utf-8")
    }
    assert found == set(UNESCAPED)


READERS = {
    "strict_json": "the decoder",
    "attribution.session_state": "a column that the store wrote",
    "cli.realm.examined_json": "a message between our own processes",
    "cli.realm.sticky_comment": "the event file of the CI server",
    "cli.usage.sending_file": "the position file of an earlier run",
    "devstack.installation": "a file of the development stack",
    "devstack.keycloak": "a file of the development stack",
    "devstack.task": "a message between our own processes",
    "keycloak.admin_events": "an event of the host's own realm",
    "keycloak.session": "a token of the host's own realm",
    "metering.aggregates.last": "a column that the store wrote",
    "metering.json_items": "the ID of a rejected event, one text, for its sender",
    "playground.steps_usage": "output of our own command",
    "realm.mappers.conditions": "a configuration value of the host's own realm",
    "signin.launch_state": "verified by its MAC before it is decoded",
    "statements.document": "the bytes that the store wrote, after their hash was compared",
    "store.database.backup": "rows of a backup that the operator made, after their checksum was compared",
    "store.meters.rollups": "a column that the store wrote",
    "store.partners.history": "a column that the store wrote",
    "store.partners.spec_json": "a column that the store wrote",
    "store.sessions.event_history": "a column that the store wrote",
    "store.sessions.ingest": "a column that the store wrote",
    "store.sessions.staging_tests": "a column that the store wrote",
}
"""Modules that decode JSON without the strict decoder, each with who wrote it."""


def test_json_of_other_parties_is_read_by_the_strict_decoder() -> None:
    found = {
        name.removeprefix(f"{PACKAGE}.")
        for name, path in modules().items()
        if ".programs." not in name  # run outside of this package
        if "json.loads(" in path.read_text(encoding="utf-8")
        or "json.load(" in path.read_text(encoding="utf-8")
    }
    assert found == set(READERS)
