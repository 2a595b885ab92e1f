"""Merges one tree over another: mappings merge, everything else is replaced."""

from __future__ import annotations

from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, Tree, child

LIST_KEYS = {"clients": "client_id", "providers": "name"}
"""Lists whose items are merged by a key instead of being replaced."""

SECRET_KEYS = frozenset({"vault", "env", "file"})


def _identity_of(item: Tree, key: str) -> str | None:
    found = child(item, key)
    return getattr(found, "text", None)


def _merged_items(under: Sequence, over: Sequence, key: str) -> Sequence:
    by_key = {_identity_of(item, key): item for item in over.items}
    kept = []
    for item in under.items:
        name = _identity_of(item, key)
        kept.append(item if name is None or name not in by_key else merged_over(item, by_key.pop(name)))
    return over._replace(items=(*kept, *by_key.values()))


def _of_another_kind(under: Mapping, over: Mapping) -> bool:
    """Whether the mappings have different protocols or secret sources, so that they cannot be merged."""
    protocol, other = _identity_of(under, "protocol"), _identity_of(over, "protocol")
    if protocol and other and protocol != other:
        return True
    written = over.entries.keys()
    return bool(written) and written <= SECRET_KEYS and under.entries.keys() <= SECRET_KEYS


def merged_over(under: Tree, over: Tree) -> Tree:
    """Return ``under`` merged with ``over``, which takes precedence. Values keep their positions."""
    if type(under) is not Mapping or type(over) is not Mapping or _of_another_kind(under, over):
        return over
    entries = dict(under.entries)
    for name, entry in over.entries.items():
        before = entries.get(name)
        if before is None or type(entry.value) is Scalar:
            entries[name] = entry
        elif name in LIST_KEYS and isinstance(before.value, Sequence) and isinstance(entry.value, Sequence):
            entries[name] = Entry(entry.key, _merged_items(before.value, entry.value, LIST_KEYS[name]))
        else:
            entries[name] = Entry(entry.key, merged_over(before.value, entry.value))
    return under.with_entries(entries)
