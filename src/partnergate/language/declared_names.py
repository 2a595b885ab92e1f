"""Finds the claims and attributes for user fields among the names that a partner declares."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME = re.compile(r"[^\s@]{1,255}\Z")
"""Names that a partner file accepts."""
_FIELDS = {
    "email": ("email", "mail", "emailaddress", "rfc822mailbox"),
    "first_name": ("givenname", "firstname"),
    "last_name": ("familyname", "surname", "sn", "lastname"),
}
"""User field -> names in letters and digits only, the most usual first."""
_OF_OID = {
    "urn:oid:0.9.2342.19200300.100.1.3": "mail",
    "urn:oid:1.2.840.113549.1.9.1": "email",
    "urn:oid:2.5.4.42": "givenname",
    "urn:oid:2.5.4.4": "sn",
}
"""Registered names of LDAP attributes, which the metadata of universities declares."""


class Name(NamedTuple):
    """A declared claim or attribute. ``friendly`` is empty if it has no second name."""

    name: str
    friendly: str = ""


def usable_names(declared: Iterable[Name]) -> list[Name]:
    """Return the declared names that a partner file can contain, without duplicates."""
    return list({one.name: one for one in declared if _NAME.match(one.name)}.values())


def named_fields(declared: Sequence[Name]) -> dict[str, str]:
    """Return user field -> the declared name, for each field that has one."""
    found = {}
    for field, usual in _FIELDS.items():
        ranked = [
            (place, one.name) for one in declared for place, word in enumerate(usual) if word in _words(one)
        ]
        if ranked:
            found[field] = min(ranked, key=lambda pair: pair[0])[1]
    return found


def _words(one: Name) -> frozenset[str]:
    """What the name and its friendly name mean, in lower-case letters and digits."""
    last = re.split(r"[/#]|:(?!.*:)", one.name)[-1]
    texts = (_OF_OID.get(one.name, last), one.friendly)
    return frozenset(re.sub(r"[^a-z0-9]", "", text.lower()) for text in texts) - {""}
