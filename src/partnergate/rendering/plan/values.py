"""Values of a plan as safe text: no control characters, no endless lines, no secrets.

A certificate appears as its SHA-256 fingerprint, which can be compared with what the partner published.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from typing import TYPE_CHECKING, Final

from partnergate.realm.comparable import thaw
from partnergate.safe_text import plain

if TYPE_CHECKING:
    from partnergate.planning.changes import FieldChange
    from partnergate.realm.state import FieldValue

LONGEST: Final = 2_000
"""Length limit of a value in characters; the plan file has the complete value."""
NOT_SET: Final = "(not set)"
SECRET: Final = "changed (a secret; its value is never shown)"  # noqa: S105 - not a secret
_SHORTEST_CERTIFICATE: Final = 200
_SHORT_FINGERPRINT: Final = 16
"""Hexadecimal digits of a fingerprint in the short form of a plan."""


def value_text(value: FieldValue) -> str:
    """A field's value as JSON, truncated if it is long; certificates as fingerprints."""
    if value is None:
        return NOT_SET
    if found := fingerprints(value):
        return ", ".join(f"certificate SHA-256 {one}" for one in found)
    text = plain(json.dumps(thaw(value), ensure_ascii=False))
    if len(text) <= LONGEST:
        return text
    return f"{text[:LONGEST]}... ({len(text)} characters)"


def fingerprints(value: FieldValue) -> tuple[str, ...]:
    """The SHA-256 of each certificate in the value; empty if the value is anything else.

    Keycloak keeps certificates as base64 of DER without PEM lines, separated by commas.
    """
    if not isinstance(value, str):
        return ()
    found = []
    for part in value.split(","):
        if len(part) < _SHORTEST_CERTIFICATE or not part.startswith("MI"):
            return ()
        try:
            der = base64.b64decode("".join(part.split()), validate=True)
        except binascii.Error:
            return ()
        found.append(hashlib.sha256(der).hexdigest())
    return tuple(found)


def short_fingerprints(value: FieldValue) -> str:
    """The beginnings of the fingerprints of a value's certificates, or that it is not set."""
    return ", ".join(one[:_SHORT_FINGERPRINT] for one in fingerprints(value)) or NOT_SET


def field_text(field: FieldChange) -> str:
    """One changed field on one line, with both values."""
    name = plain(field.name)
    if field.secret:
        return f"{name}: {SECRET}"
    if isinstance(field.before, tuple) and isinstance(field.after, tuple):
        return f"{name}: {_list_change(field.before, field.after)}"
    return f"{name}: {value_text(field.before)} -> {value_text(field.after)}"


def _list_change(before: tuple[FieldValue, ...], after: tuple[FieldValue, ...]) -> str:
    """The removed and the added values of a list; both lists if only the order differs."""
    removed = [value for value in before if value not in after]
    added = [value for value in after if value not in before]
    if not removed and not added:
        return f"{value_text(before)} -> {value_text(after)}"
    words = [f"- {value_text(value)}" for value in removed] + [f"+ {value_text(value)}" for value in added]
    return ", ".join(words)
