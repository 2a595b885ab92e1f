"""``${name}`` in texts that belong to one environment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from partnergate.spec.shape.suggestion import did_you_mean
from partnergate.spec.tree import Entry, Mapping, Scalar, Sequence, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

    from partnergate.spec.report import Report
    from partnergate.spec.tree import Tree

REFERENCE = re.compile(r"\$\{([^}]*)\}?")


def scalars(tree: Tree, *, without: str = "") -> Iterator[Scalar]:
    """Every single value, those under a key called ``without`` left out."""
    match tree:
        case Scalar():
            yield tree
        case Sequence(items=items):
            for item in items:
                yield from scalars(item, without=without)
        case Mapping(entries=entries):
            for name, entry in entries.items():
                if name != without:
                    yield from scalars(entry.value, without=without)


def filled_in(tree: Tree, values: MappingOf[str, str], environment: str, report: Report) -> Tree:
    """The tree with every ``${name}`` replaced; an undeclared one is reported and stays."""
    match tree:
        case Scalar(text=text) if "${" in text:
            return tree._replace(text=_text(tree, values, environment, report), plain=False)
        case Scalar():
            return tree
        case Sequence(items=items):
            return tree._replace(items=tuple(filled_in(item, values, environment, report) for item in items))
        case Mapping(entries=entries):
            changed = {
                n: Entry(e.key, filled_in(e.value, values, environment, report)) for n, e in entries.items()
            }
            return tree._replace(entries=changed)


def _text(scalar: Scalar, values: MappingOf[str, str], environment: str, report: Report) -> str:
    for name in REFERENCE.findall(scalar.text):
        if name not in values:
            report.add(
                "PG026",
                span_of(scalar),
                f'the environment {environment} has no variable "{name[:60]}"',
                did_you_mean(name, values)
                or f"declare it under variables in realm_templates/{environment}.yaml",
            )
    return REFERENCE.sub(lambda found: values.get(found[1], found[0]), scalar.text)


def report_misplaced(tree: Tree, report: Report) -> None:
    """A variable outside the overrides of an environment has no value."""
    for scalar in scalars(tree):
        if "${" in scalar.text:
            report.add(
                "PG026",
                span_of(scalar),
                "${...} has no value here: it is known only inside environments and realm templates",
                "write the value, or move the key under environments",
            )
