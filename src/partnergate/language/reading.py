"""Reads one file: from bytes to a tree that is checked against the language."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.diagnostics import Span
from partnergate.language.keys.partner import PARTNER
from partnergate.language.text.decoding import decoded, hidden_character
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Mapping, Scalar, Tree, keys_of, scalars, span_of
from partnergate.language.variables import report_misplaced

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.language.report import Report
    from partnergate.language.shape.collections import Object

_LOOKS_SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{30,}|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bsk_live_[A-Za-z0-9]{10,}|\bglpat-[A-Za-z0-9_-]{15,}"
)
_SECRET_MARKS = (
    "PRIVATE KEY",
    "eyJ",
    "AKIA",
    "ASIA",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "xox",
    "sk_live_",
    "glpat-",
)
"""Every match contains one of these words. Searching for them first is ten times faster."""
_LEAST_LONG = 32
_LONG = re.compile(rf"[A-Za-z0-9+/_~=-]{{{_LEAST_LONG},}}")
_KINDS = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"))
_LEAST_DISTINCT = 16


class ReadFile(NamedTuple):
    """A file that is valid YAML."""

    path: PurePosixPath
    text: str
    tree: Mapping
    values: dict[str, Any]
    """Values by key; a key with a wrong value is missing."""


def _looks_random(text: str) -> bool:
    """Whether a text is long and varied with few repeated characters, unlike text that people write."""
    return (
        _LONG.fullmatch(text) is not None
        and all(kind.search(text) for kind in _KINDS)
        and len(set(text)) >= _LEAST_DISTINCT
    )


def _report_secrets(text: str, tree: Tree, path: PurePosixPath, report: Report) -> None:
    """Report secrets in values and comments. Certificates of a partner are not secrets."""
    if any(mark in text for mark in _SECRET_MARKS):
        for number, line in enumerate(text.split("\n"), start=1):
            if found := _LOOKS_SECRET.search(line):
                _add_secret(
                    Span(file=path, line=number, column=found.start() + 1, end_column=found.end() + 1), report
                )
    long = [word for word in text.split() if len(word) >= _LEAST_LONG]
    if any(_looks_random(part) for word in long for part in _LONG.findall(word)):
        for scalar in scalars(tree, without="certificates"):
            if len(scalar.text) >= _LEAST_LONG and _looks_random(scalar.text):
                _add_secret(span_of(scalar), report)


def _add_secret(span: Span, report: Report) -> None:
    report.add(
        "PG102",
        span,
        "possible secret or private key",
        "delete it from the file and from the history, change it, and refer to the place where it is stored",
    )


def _report_escapes(tree: Tree, report: Report) -> None:
    """Report escapes in quoted values that result in a character that no file may contain itself."""
    for scalar in chain(scalars(tree), keys_of(tree)):
        if character := hidden_character(scalar.text):
            report.add(
                "PG002",
                span_of(scalar),
                f"the value has the invisible character {character}",
                "delete the escape: readers of the value cannot see the character",
            )


def read_tree(content: bytes, path: PurePosixPath, report: Report) -> tuple[str, Mapping] | None:
    """Return text and tree; none after reporting why the file cannot be read."""
    text = decoded(content, path, report)
    if text is None:
        return None
    tree = compose(text, path, report, begin="start with: partnergate: 1")
    if tree is None:
        return None
    _report_secrets(text, tree, path, report)
    if "\\" in text:
        _report_escapes(tree, report)
    if not isinstance(tree, Mapping):
        report.add("PG014", span_of(tree), "the file is not a mapping", "start with: partnergate: 1")
        return None
    return text, tree


def read_file(content: bytes, path: PurePosixPath, shape: Object, report: Report) -> ReadFile | None:
    """Return the file, checked against its shape."""
    found = read_tree(content, path, report)
    if found is None:
        return None
    text, tree = found
    values = shape.check(tree, report)
    return ReadFile(path, text, tree, values or {})


def read_partner(content: bytes, path: PurePosixPath, report: Report) -> ReadFile | None:
    """Return a partner file, checked for everything that does not depend on an environment."""
    file = read_file(content, path, PARTNER, report)
    if file is None:
        return None
    if "${" in file.text:
        lines = [number for number, line in enumerate(file.text.split("\n")) if "${" in line]
        for name, part in file.tree.entries.items():
            first, last = part.value.start.line, part.value.end.line
            if name != "environments" and any(first <= line <= last for line in lines):
                report_misplaced(part.value, report)
    entry = file.tree.entries.get("partner")
    if (
        entry
        and isinstance(entry.value, Scalar)
        and path.stem != entry.value.text
        and file.values.get("partner")
    ):
        report.add(
            "PG028",
            span_of(entry.value),
            f'file name {path.name} does not match partner "{entry.value.text}"',
            f"the ID never changes: rename the file to {entry.value.text}.yaml",
        )
    return file


def is_clean(tree: Tree, report: Report) -> bool:
    """Whether this part of the file contains no error."""
    start, end = (tree.start.line + 1, tree.start.column + 1), (tree.end.line + 1, tree.end.column + 1)
    return not report.has_error_between(tree.file, start, end)
