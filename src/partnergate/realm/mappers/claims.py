"""The shapes of claim names and claim values in a partner file, and the claim paths of Keycloak.

Keycloak splits the claim of a mapper at dots, and a backslash escapes a character. A partner file
writes such a path too, except for a name with ``://``, which is one name and is escaped here. The
names of SAML attributes are never paths.
"""

from __future__ import annotations

import re
from typing import Final

from partnergate.language.shape.scalars import Text

CLAIM = Text(
    description="Name of a claim or attribute of the partner; a dot selects a nested claim; a URL is a name",
    pattern=r"^[^\s@]{1,255}$",
    form="a claim or attribute name without spaces and @",
    examples=("sub", "given_name"),
)
CLAIM_VALUE = Text(
    description="Exact value of the claim or attribute",
    examples=("platform-admins",),
    longest=255,
    several="write one entry under roles for each value",
)
_URL: Final = "://"
_ESCAPED: Final = re.compile(r"\\(.)")
_SPECIAL: Final = re.compile(r"([\\.])")


def claim_path(name: str) -> str:
    """Return the path by which Keycloak finds the claim of a partner file."""
    if _URL not in name:
        return name
    return _SPECIAL.sub(r"\\\1", _ESCAPED.sub(r"\1", name))


def claim_name(path: str) -> str | None:
    """Return the name in a partner file of a path in a realm; none if no name results in it.

    A URL with dots that are not escaped is a path of several names to Keycloak, not the URL.
    """
    if _URL not in path:
        return path
    name = _ESCAPED.sub(r"\1", path)
    return name if claim_path(name) == path else None
