"""Partner IDs for aliases, which may have capitals, dots and underscores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PARTNER_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")
_ALIAS: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._~-]{0,254}")
_RESERVED: Final = frozenset({"realm"})
_LONGEST: Final = 58
"""Leaves room for a number."""


def partner_ids(aliases: Iterable[str], owned: Mapping[str, str]) -> dict[str, str]:
    """The partner ID of each alias, each ID once; without the aliases that no file can have.

    ``owned`` are aliases with the partner that they belong to. A valid partner ID stays as it is. Any
    other alias becomes one, with a number if it is taken.
    """
    found = dict(owned)
    ordered = sorted(set(aliases) - set(owned), key=lambda alias: (not is_partner_id(alias), alias))
    for alias in ordered:
        if not _ALIAS.fullmatch(alias):
            continue
        found[alias] = (
            alias
            if is_partner_id(alias) and alias not in found.values()
            else _free(_slug(alias), set(found.values()))
        )
    return found


def is_partner_id(alias: str) -> bool:
    """Whether the alias can be a partner ID itself."""
    return _PARTNER_ID.fullmatch(alias) is not None and alias not in _RESERVED


def _slug(alias: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", alias.lower()).strip("-")[:_LONGEST]
    return slug if is_partner_id(slug) else f"partner-{slug}".strip("-")


def _free(slug: str, taken: set[str]) -> str:
    if slug not in taken:
        return slug
    number = 2
    while f"{slug}-{number}" in taken:
        number += 1
    return f"{slug}-{number}"
