"""The billable records behind a line that several quantities make up.

A fact is one billable record: a login or a usage event that a quantity counts.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from partnergate.metering.usage import FactSet

if TYPE_CHECKING:
    from collections.abc import Iterable


def facts_together(sets: Iterable[FactSet | None]) -> FactSet | None:
    """Return one set for all of them, or none if there is none.

    If only one set is not empty, it is returned unchanged. Otherwise the hash is the SHA-256 of a head
    line and one line ``count sha256`` per set, sorted, without the empty ones. The quantities of a line
    never share a fact.
    """
    known = [one for one in sets if one is not None]
    if not known:
        return None
    filled = [one for one in known if one.count] or known[:1]
    if len(filled) == 1:
        return filled[0]
    lines = sorted(f"{one.count} {one.sha256}\n" for one in filled)
    digest = hashlib.sha256("".join(["partnergate fact sets 1\n", *lines]).encode())
    return FactSet(count=sum(one.count for one in filled), sha256=digest.hexdigest())
