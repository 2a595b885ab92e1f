"""Reads the price definition of ``partnergate price``.

A definition is one agreement version, a list of versions, or a partner file. Keys and rules are those
of ``agreement:`` in a partner file. JSON is read as YAML, so that every problem has a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.diagnostics import has_errors
from partnergate.language.building.agreements import agreement, in_order
from partnergate.language.keys.agreement import AGREEMENT
from partnergate.language.report import Report
from partnergate.language.rules.rule_catalog import TERMS_RULES
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, Tree, child, locate, span_of
from partnergate.pricing.checks import rateability_problems
from partnergate.pricing.rated import AgreementVersion

if TYPE_CHECKING:
    from pathlib import PurePosixPath

    from partnergate.diagnostics import Diagnostic

DEFAULTS = {"effective": "2026-01-01", "time_zone": "UTC"}
"""Keys that an agreement requires and a definition may omit."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def read_definition(
    text: str, file: PurePosixPath
) -> tuple[tuple[AgreementVersion, ...], tuple[Diagnostic, ...]]:
    """Return the agreement versions of a definition and every problem; no versions if there are errors."""
    report = Report()
    tree = compose(text, file, report)
    if tree is None:
        return (), report.found()
    listed = _with_defaults(_versions(tree))
    values = [AGREEMENT.check(item, report) for item in listed.items]
    if has_errors(report.found()):
        return (), report.found()
    lines = [span_of(item).line for item in listed.items]
    built = [agreement(one, line) for one, line in zip(values, lines, strict=True) if one]
    for terms, item in zip(built, listed.items, strict=True):
        for code, found in rateability_problems(terms):
            where = locate(item, found.path, key=found.on_key)
            report.add(code, where, found.message, found.hint)
    placed = [((number,), terms) for number, terms in enumerate(built)]
    for code, rule in TERMS_RULES:
        for found in rule(placed):
            report.add(code, locate(listed, found.path, key=found.on_key), found.message, found.hint)
    if has_errors(report.found()):
        return (), report.found()
    return tuple(AgreementVersion(agreement=one, file=str(file)) for one in in_order(built)), report.found()


def _versions(tree: Tree) -> Sequence:
    """Return the list of versions, wherever the definition has it."""
    if isinstance(tree, Sequence):
        return tree
    within = child(tree, "agreement")
    if isinstance(within, Sequence):
        return within
    one = within if isinstance(within, Mapping) else tree
    return Sequence(tree.file, tree.start, tree.end, (one,))


def _with_defaults(listed: Sequence) -> Sequence:
    return listed._replace(items=tuple(_filled(item) for item in listed.items))


def _filled(version: Tree) -> Tree:
    """Return the version with the defaults for missing keys, and with quoted dates (JSON) accepted."""
    if not isinstance(version, Mapping):
        return version
    entries = dict(version.entries)
    for name, text in DEFAULTS.items():
        if name not in entries:
            made = Scalar(version.file, version.start, version.start, text, name == "effective")
            entries[name] = Entry(made._replace(text=name, plain=True), made)
    for name in ("effective", "until"):
        entry = entries.get(name)
        if entry is not None and isinstance(entry.value, Scalar) and _DATE.match(entry.value.text):
            entries[name] = entry._replace(value=entry.value._replace(plain=True))
    return version._replace(entries=entries)
