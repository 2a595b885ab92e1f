"""Text of other parties never controls a terminal."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnergate.diagnostics import Diagnostic, Severity, Span
from partnergate.errors import PartnergateError
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
    assert all(line.isprintable() for line in diagnostic_text(found).split("\n"))


@given(st.text() | st.just(HOSTILE))
def test_json_is_printable_and_means_the_same(text: str) -> None:
    shown = json_text({"key": [text]})
    assert json.loads(shown) == {"key": [text]}
    assert not any(c in shown for c in "\x1b\x7f\x9b\u202e\u2066")
    shown.encode()  # no unpaired surrogate is left


@pytest.mark.parametrize("text", ["Müller 测试", "שלום", "نمونه", "e\u0301"])
def test_ordinary_text_of_every_script_stays(text: str) -> None:
    assert plain(text) == text
