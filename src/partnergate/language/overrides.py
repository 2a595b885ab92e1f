"""Applies the ``environments`` overrides of a partner file for one environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.overlay import merged_over
from partnergate.language.shape.suggestion import did_you_mean
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, child, span_of
from partnergate.language.variables import filled_in

if TYPE_CHECKING:
    from partnergate.language.reading import ReadFile
    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree
    from partnergate.model.environment import RealmSpec


def tree_in(file: ReadFile, realm: RealmSpec, report: Report) -> Mapping:
    """Return the tree of the file with the overrides of the environment merged over it."""
    overrides = file.tree.entries.get("environments")
    own = child(overrides.value, realm.environment) if overrides else None
    if not isinstance(own, Mapping):
        return file.tree
    over: Tree = own
    if "${" in file.text:
        over = filled_in(own, dict(realm.variables), realm.environment, report)
    whole = merged_over(file.tree, _fitting(file.tree, over, report))
    return whole if isinstance(whole, Mapping) else file.tree


def _fitting(base: Mapping, over: Tree, report: Report) -> Tree:
    """Return the overrides that apply, and report the ones that have nothing to override."""
    if not isinstance(over, Mapping):
        return over
    entries = dict(over.entries)
    for one, other in (("sign_in", "providers"), ("providers", "sign_in")):
        if one in entries and one not in base.entries and other in base.entries:
            report.add(
                "PG025",
                span_of(entries.pop(one).key),
                f"the partner uses {other}, so {one} cannot override it",
                f"write {other} here as well",
            )
    listed = entries.get("providers")
    if listed is not None and isinstance(listed.value, Sequence):
        known = _names(child(base, "providers"))
        kept = tuple(item for item in listed.value.items if not _is_misspelled(item, known, report))
        entries["providers"] = Entry(listed.key, listed.value._replace(items=kept))
    return over.with_entries(entries)


def _names(listed: Tree | None) -> list[str]:
    items = listed.items if isinstance(listed, Sequence) else ()
    return [name.text for item in items if isinstance(name := child(item, "name"), Scalar)]


def _is_misspelled(item: Tree, known: list[str], report: Report) -> bool:
    """Whether an incomplete provider entry names no existing provider."""
    name = child(item, "name")
    if not isinstance(name, Scalar) or name.text in known or not known:
        return False
    if child(child(item, "sign_in") or item, "protocol") is not None:
        return False
    report.add(
        "PG015",
        span_of(name),
        f'provider "{name.text}" does not exist; providers: {", ".join(known)}',
        did_you_mean(name.text, known)
        or "to add a provider to this environment only, start with its protocol",
    )
    return True
