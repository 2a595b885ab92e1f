"""The shapes of claim names and claim values in a partner file."""

from __future__ import annotations

from partnergate.language.shape.scalars import Text

CLAIM = Text(
    description="Name of a claim or attribute of the partner; a dot selects a nested field",
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
