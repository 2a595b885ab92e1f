"""Versions of the server as comparable values."""

from __future__ import annotations

import re


def version_tuple(version: str) -> tuple[int, ...]:
    """``26.7.3`` as (26, 7, 3); what follows the numbers does not count."""
    found = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def at_least(version: str, minimum: str) -> bool:
    """Whether a server is of that version or newer; an unknown version counts as the newest."""
    parsed = version_tuple(version)
    return not parsed or parsed >= version_tuple(minimum)
