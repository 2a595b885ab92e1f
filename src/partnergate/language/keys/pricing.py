"""Meters and prices."""

from __future__ import annotations

from partnergate.language.shape.collections import Either, Key, MapOf, Object, Variant, called
from partnergate.language.shape.scalars import Choice, Text
from partnergate.metering.aggregates import AGGREGATES
from partnergate.pricing.models import MODELS, often_written
from partnergate.pricing.models.keys import MODEL

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


PRICE = Variant(
    tag="model",
    name="price",
    description="How the quantity becomes an amount",
    tag_description=MODEL.description,
    often=often_written(),
    cases=tuple((model.model, model.shape) for model in MODELS),
)
