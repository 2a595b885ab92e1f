"""Replaces ``${name}`` in values of one environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.language.shape.suggestion import did_you_mean
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, scalars, span_of

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree

REFERENCE = re.compile(r"\$\{([^}]*)\}?")


def filled_in(tree: Tree, values: MappingOf[str, str], environment: str, report: Report) -> Tree:
    """Return the tree with every ``${name}`` replaced. Undeclared variables are reported and kept."""
    if type(tree) is Scalar:
        if "${" in tree.text:
            return tree._replace(text=_text(tree, values, environment, report), plain=False)
    elif type(tree) is Sequence:
        return tree._replace(items=tuple(filled_in(item, values, environment, report) for item in tree.items))
    elif type(tree) is Mapping:
        entries = {}
        for name, entry in tree.entries.items():
            value = filled_in(entry.value, values, environment, report)
            entries[name] = entry if value is entry.value else Entry(entry.key, value)
        return tree.with_entries(entries)
    return tree


def _text(scalar: Scalar, values: MappingOf[str, str], environment: str, report: Report) -> str:
    for name in REFERENCE.findall(scalar.text):
        if name not in values:
            report.add(
                "PG026",
                span_of(scalar),
                f'variable "{name[:60]}" is not declared in environment {environment}',
                did_you_mean(name, values)
                or f"declare it under variables in realm_templates/{environment}.yaml",
            )
    return REFERENCE.sub(lambda found: values.get(found[1], found[0]), scalar.text)


def report_misplaced(tree: Tree, report: Report) -> None:
    """Report variables outside environment overrides, where they have no value.

    PG101 covers a client secret in Keycloak's own vault syntax, ``${vault.KEY}``.
    """
    for scalar in scalars(tree, without="client_secret"):
        if "${" in scalar.text:
            report.add(
                "PG026",
                span_of(scalar),
                "${...} has no value here: variables exist only under environments and in realm templates",
                "write the value, or move the key under environments",
            )
