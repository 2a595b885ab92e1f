"""Keys that several price models share."""

from __future__ import annotations

from partnergate.language.shape.collections import Key, KnownMistake, Object, called
from partnergate.language.shape.scalars import Money, NumberOfUnits, Text

MODEL = Key(name="model", shape=Text(description="How the quantity becomes an amount"), required=True)
UP_TO = Key(
    name="up_to",
    shape=NumberOfUnits(
        description="Where the tier ends, inclusive; the last tier has none",
        positive=True,
        no_end="the last tier has no up_to: delete the key",
    ),
)
REFUSED_TIER_BOUNDS = (
    *called("up_to", "tiers", "to", "until", "max"),
    *(
        (
            word,
            KnownMistake(
                code="PG012",
                message=f'unknown key "{word}" in tiers',
                hint="delete the key: a tier begins where the one before it ends",
            ),
        )
        for word in ("from", "min", "above", "start")
    ),
)
"""Keys for the bounds of a tier in other systems."""


def money_key(name: str, description: str, *, required: bool = False, default: str | None = None) -> Key:
    """Return a key for an amount."""
    return Key(name=name, shape=Money(description=description), required=required, default=default)


def percent_key(name: str, description: str, *, required: bool = False) -> Key:
    """Return a key for a percentage."""
    return Key(name=name, shape=Money(description=description, percent=True), required=required)


def size_key() -> Key:
    """Return the key for the size of a package."""
    return Key(
        name="size", shape=NumberOfUnits(description="Units in a package", positive=True), required=True
    )


def price_shape(
    model: str, description: str, *keys: Key, amount_key: str = "", instead: tuple[str, ...] = ()
) -> Object:
    """Return the shape of a price.

    ``instead`` are words that people write for ``amount_key``, the key for the amount.
    """
    here = f"price ({model})"
    refused = called(amount_key, here, *instead)
    return Object(name=here, description=description, keys=(MODEL, *keys), refused=refused)
