"""Resolves ``{env: NAME, default: VALUE}`` in realm templates from environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, Tree, child, span_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping as MappingOf

    from partnergate.language.report import Report

PREFIX = "PARTNERGATE_VAR_"
"""The only variables that a template can read; every other one may be a secret of the process."""
PUBLIC = "PARTNERGATE_KEYCLOAK_URL"
"""The variable with the URL of the server, which every message about a connection names."""
_KEYS = frozenset({"env", "default"})


def shown_values(names: Iterable[str], variables: MappingOf[str, str]) -> dict[str, str]:
    """Return the description of each value of these variables that is not the beginning of a public one."""
    public = variables.get(PUBLIC, "").rstrip("/")
    return {
        value: f"(from {name})"
        for name in sorted(names)
        if name.startswith(PREFIX)
        and (value := variables.get(name, ""))
        and not public.startswith(value.rstrip("/"))
    }


def resolved(tree: Tree, variables: MappingOf[str, str], report: Report) -> Tree:
    """Return the tree with every such mapping replaced by its value, as if the value were quoted there.

    The report conceals the values of variables, in these and all later messages.
    """
    if isinstance(tree, Sequence):
        return tree._replace(items=tuple(resolved(item, variables, report) for item in tree.items))
    if not isinstance(tree, Mapping):
        return tree
    name, default = child(tree, "env"), child(tree, "default")
    if isinstance(name, Scalar) and tree.entries.keys() <= _KEYS:
        value = variables.get(name.text) if name.text.startswith(PREFIX) else None
        if value:
            report.conceal(shown_values([name.text], variables))
        elif value is None and isinstance(default, Scalar):
            value = default.text
        if not value:
            report.add(
                "PG414",
                span_of(name),
                f"environment variable {name.text} is not set",
                "set the variable, or add a default",
            )
            value = "unset"
        return name._replace(text=value, plain=False)
    entries = {n: Entry(e.key, resolved(e.value, variables, report)) for n, e in tree.entries.items()}
    return tree._replace(entries=entries)
