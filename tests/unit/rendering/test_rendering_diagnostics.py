"""The same problems in every format."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

import pytest

from golden_files import assert_golden
from partnergate.diagnostics import Diagnostic, Severity, Span
from partnergate.rendering.diagnostics import machine
from partnergate.rendering.diagnostics.text import diagnostic_text, diagnostics_text

GOLDEN = Path(__file__).parents[2] / "golden/diagnostics/formats"
TITLES = {"PG012": "Unknown key", "PG114": "A certificate that expires soon"}
ACME, GLOBEX = PurePosixPath("partners/acme.yaml"), PurePosixPath("partners/globex.yaml")
FOUND = (
    Diagnostic(
        code="PG012",
        severity=Severity.ERROR,
        message='unknown key "clientid" in sign_in (oidc)',
        span=Span(file=ACME, line=7, column=3, end_column=11),
        hint='did you mean "client_id"?',
        source_line="  clientid: <a> & 'b'",
    ),
    Diagnostic(
        code="PG114",
        severity=Severity.WARNING,
        message="the last certificate ends on 2026-12-10",
        span=Span(file=ACME, line=9, column=18, end_column=26),
        source_line="  certificates: [soon.pem]",
    ),
    Diagnostic(
        code="PG121",
        severity=Severity.NOTE,
        message="port 8443, 100% waived",
        span=Span(file=GLOBEX, line=1, column=1, end_column=2),
    ),
)
FORMATS = {
    "text": lambda: diagnostics_text(FOUND, files=2),
    "json": lambda: machine.diagnostics_json(FOUND, TITLES, files=2),
    "sarif": lambda: machine.diagnostics_sarif(FOUND, TITLES, version="0"),
    "junit": lambda: machine.diagnostics_junit(FOUND, ("partners/acme.yaml", "partners/initech.yaml")),
    "github": lambda: machine.diagnostics_github(FOUND),
    "gitlab": lambda: machine.diagnostics_gitlab(FOUND),
}


@pytest.mark.parametrize("form", FORMATS)
def test_the_format_matches_its_golden_file(form):
    assert_golden(GOLDEN / f"{form}.txt", FORMATS[form]())


def test_the_caret_is_under_the_problem():
    _, line, caret, _ = diagnostic_text(FOUND[0]).splitlines()
    start = line.index("clientid")
    assert caret[start : start + 8] == "^" * 8
    assert caret.count("^") == 8


def test_a_long_line_is_truncated_around_the_caret():
    line = "x" * 500 + "HERE" + "y" * 500
    one = Diagnostic(
        code="PG023",
        severity=Severity.ERROR,
        message="m",
        span=Span(file=ACME, line=1, column=501, end_column=505),
        source_line=line,
    )
    _, excerpt, caret = diagnostic_text(one).splitlines()
    assert len(excerpt) < 200
    assert excerpt[caret.index("^") :][:4] == "HERE"


def test_color_is_never_the_only_signal():
    plain = diagnostic_text(FOUND[0])
    assert "error[PG012]" in plain
    assert "\x1b" not in plain
    assert "\x1b[" in diagnostic_text(FOUND[0], color=True)


def test_junit_is_xml_with_one_case_per_file():
    root = ET.fromstring(FORMATS["junit"]())
    cases = {case.get("name"): [child.tag for child in case] for case in root.iter("testcase")}
    assert cases == {
        "partners/acme.yaml": ["failure", "system-out"],
        "partners/globex.yaml": ["system-out"],
        "partners/initech.yaml": [],
    }


def test_sarif_positions_are_one_based_and_levels_are_valid():
    run = json.loads(FORMATS["sarif"]())["runs"][0]
    assert [r["level"] for r in run["results"]] == ["error", "warning", "note"]
    region = run["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (7, 3, 11)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["PG012", "PG114", "PG121"]


def test_the_fingerprint_does_not_change_when_lines_move():
    from dataclasses import replace

    moved = replace(FOUND[0], span=FOUND[0].span._replace(line=70))
    first, second = (
        json.loads(machine.diagnostics_gitlab((d,)))[0]["fingerprint"] for d in (FOUND[0], moved)
    )
    assert first == second


def test_github_commands_are_escaped():
    lines = FORMATS["github"]().splitlines()
    assert lines[2].startswith("::notice file=partners/globex.yaml,line=1,")
    assert lines[2].endswith("port 8443, 100%25 waived")


def test_no_problems_give_one_line():
    assert diagnostics_text((), files=1) == "1 partner file: no problems\n"
