"""The shapes of claim names and claim values in a partner file."""

from __future__ import annotations

from partnergate.language.shape.scalars import Text

CLAIM = Text(
    description="The name of a claim or attribute of the partner; a dot goes into an object",
    pattern=r"^[^\s@]{1,255}$",
    form="the name of a claim or attribute: no spaces and no @",
    examples=("sub", "given_name"),
)
CLAIM_VALUE = Text(
    description="The exact value of the claim or attribute",
    examples=("platform-admins",),
    longest=255,
    several="one value; write an entry under roles for each",
)
