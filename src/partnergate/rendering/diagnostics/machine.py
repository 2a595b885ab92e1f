"""Diagnostics for programs: JSON, SARIF 2.1.0, JUnit, GitHub annotations, GitLab code quality.

The functions take the titles of the codes (code -> title) as an argument, so that rendering does not
depend on the catalog of codes.
"""

from __future__ import annotations

import hashlib
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from partnergate.diagnostics import Severity
from partnergate.safe_text import json_text, plain_lines
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.diagnostics import Diagnostic

_SARIF_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_GITHUB_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_GITLAB_SEVERITY = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.NOTE: "info"}
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def _fingerprint(diagnostic: Diagnostic) -> str:
    """A hash that does not change when lines move."""
    parts = (str(diagnostic.span.file), diagnostic.code, diagnostic.message, diagnostic.source_line.strip())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _words(diagnostic: Diagnostic) -> str:
    words = f"{diagnostic.message}. {diagnostic.hint}" if diagnostic.hint else diagnostic.message
    return plain_lines(words)


def diagnostics_json(diagnostics: tuple[Diagnostic, ...], titles: Mapping[str, str], *, files: int) -> str:
    """JSON in partnergate's own format, version 1."""
    listed = [
        {
            "code": d.code,
            "title": titles.get(d.code, ""),
            "severity": d.severity.value,
            "message": d.message,
            "hint": d.hint,
            "file": str(d.span.file),
            "line": d.span.line,
            "column": d.span.column,
            "end_column": d.span.end_column,
            "source_line": d.source_line,
            "fingerprint": _fingerprint(d),
        }
        for d in diagnostics
    ]
    counts = {kind.value: sum(d.severity is kind for d in diagnostics) for kind in Severity}
    document = {"format": 1, "partner_files": files, "counts": counts, "diagnostics": listed}
    return json_text(document) + "\n"


def _sarif_result(d: Diagnostic) -> dict[str, Any]:
    region = {
        "startLine": d.span.line,
        "startColumn": d.span.column,
        "endColumn": d.span.end_column,
        "snippet": {"text": d.source_line},
    }
    location = {"artifactLocation": {"uri": str(d.span.file), "uriBaseId": "ROOT"}, "region": region}
    return {
        "ruleId": d.code,
        "level": _SARIF_LEVEL[d.severity],
        "message": {"text": _words(d)},
        "locations": [{"physicalLocation": location}],
        "partialFingerprints": {"partnergate/v1": _fingerprint(d)},
    }


def diagnostics_sarif(diagnostics: tuple[Diagnostic, ...], titles: Mapping[str, str], *, version: str) -> str:
    """SARIF 2.1.0 for code scanning services."""
    codes = sorted({d.code for d in diagnostics})
    rules = [{"id": code, "shortDescription": {"text": titles.get(code, code)}} for code in codes]
    driver = {"name": "partnergate", "version": version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The root of the workspace"}}},
        "results": [_sarif_result(d) for d in diagnostics],
    }
    document = {"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    return json_text(document) + "\n"


def _junit_case(file: str, found: list[Diagnostic]) -> str:
    errors = [d for d in found if d.severity is Severity.ERROR]
    others = [d for d in found if d.severity is not Severity.ERROR]
    lines = [f"    <testcase classname={quoteattr(file)} name={quoteattr(file)}>"]
    if errors:
        text = "\n".join(f"{d.span.line}:{d.span.column}: {d.code}: {_words(d)}" for d in errors)
        message = counted(len(errors), "error")
        attributes = f"type={quoteattr(errors[0].code)} message={quoteattr(message)}"
        lines.append(f"      <failure {attributes}>{escape(text)}</failure>")
    if others:
        text = "\n".join(f"{d.span.line}:{d.span.column}: {d.severity} {d.code}: {_words(d)}" for d in others)
        lines.append(f"      <system-out>{escape(text)}</system-out>")
    lines.append("    </testcase>")
    return "\n".join(lines)


def diagnostics_junit(diagnostics: tuple[Diagnostic, ...], checked: tuple[str, ...]) -> str:
    """JUnit XML: one test case per file, which fails if the file has an error."""
    by_file = {str(file): list(found) for file, found in groupby(diagnostics, key=lambda d: d.span.file)}
    files = sorted({*checked, *by_file})
    failed = sum(any(d.severity is Severity.ERROR for d in found) for found in by_file.values())
    cases = "\n".join(_junit_case(file, by_file.get(file, [])) for file in files)
    counts = f'tests="{len(files)}" failures="{failed}" errors="0"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="partnergate validate" {counts}>\n'
        f'  <testsuite name="partnergate validate" {counts}>\n'
        f"{cases}\n  </testsuite>\n</testsuites>\n"
    )


def _github_escaped(text: str, *, in_property: bool = False) -> str:
    for character, code in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A")):
        text = text.replace(character, code)
    return text.replace(":", "%3A").replace(",", "%2C") if in_property else text


def diagnostics_github(diagnostics: tuple[Diagnostic, ...]) -> str:
    """GitHub workflow commands, shown as annotations on the lines of a pull request."""
    lines = []
    for d in diagnostics:
        place = (
            f"file={_github_escaped(str(d.span.file), in_property=True)},line={d.span.line},"
            f"col={d.span.column},endColumn={d.span.end_column},title={d.code}"
        )
        lines.append(f"::{_GITHUB_COMMAND[d.severity]} {place}::{_github_escaped(_words(d))}\n")
    return "".join(lines)


def diagnostics_gitlab(diagnostics: tuple[Diagnostic, ...]) -> str:
    """A GitLab code quality report."""
    listed = [
        {
            "description": f"{d.code}: {_words(d)}",
            "check_name": d.code,
            "fingerprint": _fingerprint(d),
            "severity": _GITLAB_SEVERITY[d.severity],
            "location": {
                "path": str(d.span.file),
                "positions": {"begin": {"line": d.span.line, "column": d.span.column}},
            },
        }
        for d in diagnostics
    ]
    return json_text(listed) + "\n"
