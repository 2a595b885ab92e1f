"""A partner file as one environment has it: what ``environments`` says there, laid over the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.overlay import laid_over
from partnergate.language.shape.suggestion import did_you_mean
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, child, span_of
from partnergate.language.variables import filled_in

if TYPE_CHECKING:
    from partnergate.language.reading import ReadFile
    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree
    from partnergate.model.environment import RealmSpec


def tree_in(file: ReadFile, realm: RealmSpec, report: Report) -> Mapping:
    """The file's tree with what it says for the environment laid over it."""
    overrides = file.tree.entries.get("environments")
    own = child(overrides.value, realm.environment) if overrides else None
    if not isinstance(own, Mapping):
        return file.tree
    over: Tree = own
    if "${" in file.text:
        over = filled_in(own, dict(realm.variables), realm.environment, report)
    whole = laid_over(file.tree, _fitting(file.tree, over, report))
    return whole if isinstance(whole, Mapping) else file.tree


def _fitting(base: Mapping, over: Tree, report: Report) -> Tree:
    """What an environment says, without what there is nothing to lay it over for, which is reported."""
    if not isinstance(over, Mapping):
        return over
    entries = dict(over.entries)
    for one, other in (("sign_in", "providers"), ("providers", "sign_in")):
        if one in entries and one not in base.entries and other in base.entries:
            report.add(
                "PG025",
                span_of(entries.pop(one).key),
                f"the partner has {other}, and {one} cannot be laid over that",
                f"write {other} here as well",
            )
    listed = entries.get("providers")
    if listed is not None and isinstance(listed.value, Sequence):
        known = _names(child(base, "providers"))
        kept = tuple(item for item in listed.value.items if not _is_slip(item, known, report))
        entries["providers"] = Entry(listed.key, listed.value._replace(items=kept))
    return over.holding(entries)


def _names(listed: Tree | None) -> list[str]:
    items = listed.items if isinstance(listed, Sequence) else ()
    return [name.text for item in items if isinstance(name := child(item, "name"), Scalar)]


def _is_slip(item: Tree, known: list[str], report: Report) -> bool:
    """Whether an entry that is too little for a provider of its own names none that is there."""
    name = child(item, "name")
    if not isinstance(name, Scalar) or name.text in known or not known:
        return False
    if child(child(item, "sign_in") or item, "protocol") is not None:
        return False
    report.add(
        "PG015",
        span_of(name),
        f'"{name.text}" is not one of the providers {", ".join(known)}',
        did_you_mean(name.text, known) or "a provider of this environment alone begins with its protocol",
    )
    return True
