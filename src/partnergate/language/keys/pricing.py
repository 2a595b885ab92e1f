"""Meters and prices."""

from __future__ import annotations

from partnergate.language.keys.shared_shapes import called
from partnergate.language.shape.collections import Either, Key, ListOf, MapOf, Object, Refusal, Variant
from partnergate.language.shape.scalars import Choice, Money, Quantity, Text, Whole
from partnergate.metering.aggregates import AGGREGATES

MODEL = Key(name="model", shape=Text(description="How the quantity becomes an amount"), required=True)
_DIMENSION = Text(
    description="The name of a data field of the usage event",
    pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,62}$",
    form="the name of a data field",
    examples=("region",),
)
WHERE = MapOf(
    key=_DIMENSION,
    value=Text(description="The exact value", examples=("eu",), longest=255),
    description="Data field: value; all must match",
)
METER = Either(
    description="What is counted: a name, or a quantity made of usage events",
    scalar=Choice(
        words=("active_users", "logins", "sessions"),
        otherwise="what the product reports is {event: TYPE, aggregate: count}",
        description="`active_users` by the rule `active_user`, brokered `logins`, or started `sessions`",
    ),
    mapping=Object(
        name="meter",
        description="A quantity made of the host's usage events",
        keys=(
            Key(
                name="event",
                shape=Text(
                    description="The `type` of the usage event",
                    pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,254}$",
                    form="the type of a usage event",
                    examples=("task.run",),
                ),
                required=True,
            ),
            Key(
                name="aggregate",
                shape=Choice(
                    words=tuple(aggregate.name for aggregate in AGGREGATES),
                    description="How events become one quantity: "
                    + "; ".join(f"`{aggregate.name}` {aggregate.meaning}" for aggregate in AGGREGATES),
                    often=tuple(
                        (word, f'did you mean "{aggregate.name}"?')
                        for aggregate in AGGREGATES
                        for word in aggregate.often
                    ),
                ),
                required=True,
            ),
            Key(
                name="of",
                shape=_DIMENSION,
                note="The data field that the aggregate reads; not allowed with "
                + ", ".join(f"`{aggregate.name}`" for aggregate in AGGREGATES if not aggregate.reads_field),
            ),
            Key(name="where", shape=WHERE, note="Only events with these values"),
        ),
        refused=(
            *called("where", "meter", "filter", "when", "if", "match", written="where: {FIELD: VALUE}"),
            *called("event", "meter", "type", "event_type"),
            *called("of", "meter", "field", "property", "value"),
            *called("aggregate", "meter", "function", "aggregation"),
        ),
    ),
)


def _money(name: str, description: str, *, required: bool = False, default: str | None = None) -> Key:
    return Key(name=name, shape=Money(description=description), required=required, default=default)


def _percent(name: str, description: str, *, required: bool = False) -> Key:
    return Key(name=name, shape=Money(description=description, percent=True), required=required)


_UP_TO = Key(
    name="up_to",
    shape=Quantity(
        description="Where the tier ends, inclusive; the last tier has none",
        positive=True,
        no_end="the last tier has no up_to: delete the key",
    ),
)
_BOUNDS_OF_A_TIER = (
    *called("up_to", "tiers", "to", "until", "max"),
    *(
        (
            word,
            Refusal(
                code="PG012",
                message=f'unknown key "{word}" in tiers',
                hint="delete the key: a tier begins where the one before it ends",
            ),
        )
        for word in ("from", "min", "above", "start")
    ),
)
_TIER = Object(
    name="tiers",
    description="A price for a range of quantities",
    keys=(
        _UP_TO,
        _money("unit", "For each unit", default="0"),
        _money("flat", "Once, when the tier is reached", default="0"),
    ),
    at_least_one=("unit", "flat"),
    refused=(*_BOUNDS_OF_A_TIER, *called("unit", "tiers", "price", "amount")),
)
_PERCENT_TIER = Object(
    name="tiers",
    description="A percentage for a range of amounts",
    keys=(
        _UP_TO,
        _percent("percent", "Of the amount inside the tier", required=True),
        _money("flat", "Once, when the tier is reached", default="0"),
    ),
    refused=_BOUNDS_OF_A_TIER,
)
_TIERS = Key(
    name="tiers", shape=ListOf(item=_TIER, description="From the lowest to the highest"), required=True
)


_OFTEN = {
    "flat": ("amount", ("price", "unit", "fee")),
    "per_unit": ("unit", ("price", "amount")),
    "package": ("amount", ("price", "unit")),
}
"""Model -> its key for the money, and what people write for it."""


def _model(name: str, description: str, *keys: Key) -> tuple[str, Object]:
    here = f"price ({name})"
    key, words = _OFTEN.get(name, ("", ()))
    refused = called(key, here, *words)
    return name, Object(name=here, description=description, keys=(MODEL, *keys), refused=refused)


PRICE = Variant(
    tag="model",
    name="price",
    description="How the quantity becomes an amount",
    tag_description=MODEL.description,
    often=(("tiered", "graduated prices each tier's units, volume prices all units by one tier"),),
    cases=(
        _model(
            "flat",
            "A fixed amount",
            _money("amount", "The amount", required=True),
            Key(
                name="timing",
                shape=Choice(
                    words=("advance", "arrears", "once"),
                    description="Due before the period, after it, or once in the first period",
                ),
                default="arrears",
            ),
        ),
        _model("per_unit", "The same price for each unit", _money("unit", "For each unit", required=True)),
        _model("graduated", "Each tier prices the units inside it", _TIERS),
        _model("volume", "The tier that the whole quantity reaches prices all of it", _TIERS),
        _model(
            "package",
            "An amount for each started package",
            Key(name="size", shape=Quantity(description="Units in a package", positive=True), required=True),
            _money("amount", "For each started package", required=True),
        ),
        _model(
            "percentage",
            "A percentage of the metered amount of money",
            _percent("percent", "Of the metered amount", required=True),
            _money("fixed", "For each event, on top", default="0"),
            Key(name="free_events", shape=Whole(description="Events without the fixed fee"), default=0),
            _money("event_minimum", "At least, for each event"),
            _money("event_maximum", "At most, for each event"),
        ),
        _model(
            "graduated_percentage",
            "Each tier takes its percentage of the amount inside it",
            Key(
                name="tiers",
                shape=ListOf(item=_PERCENT_TIER, description="From the lowest to the highest"),
                required=True,
            ),
        ),
    ),
)
