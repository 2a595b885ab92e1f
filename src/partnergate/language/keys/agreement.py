"""The commercial terms of a partner."""

from __future__ import annotations

from partnergate.language.keys.pricing import METER, PRICE, WHERE
from partnergate.language.keys.shared_shapes import NAME, SENTENCE
from partnergate.language.shape.collections import Key, ListOf, Object, called
from partnergate.language.shape.scalars import Choice, Day, Money, Quantity, Text, Whole


def _choice(name: str, description: str, words: tuple[str, ...], default: object) -> Key:
    return Key(name=name, shape=Choice(words=words, description=description), default=default)


_CYCLE = Object(
    name="cycle",
    description="Periods start at local midnight of the anchor",
    keys=(
        _choice("every", "The length of a period", ("day", "week", "month", "quarter", "year"), "month"),
        Key(
            name="anchor_day",
            shape=Whole(
                least=1,
                most=31,
                description="Day of the month (the last in a shorter one); for a week 1 (Monday) to 7",
            ),
            default=1,
        ),
        Key(
            name="anchor_month",
            shape=Whole(least=1, most=12, description="Month in which quarters or years begin"),
            default=1,
        ),
    ),
)
_ACTIVE_USER = Object(
    name="active_user",
    description="When a user counts as active in a period",
    keys=(
        Key(
            name="by",
            shape=ListOf(
                item=Choice(words=("login", "refresh", "usage"), description="What makes a user active"),
                description="What makes a user active",
            ),
            default=["login"],
        ),
        _choice(
            "unique_by",
            "What is counted once: the partner's subject, or the account in Keycloak",
            ("partner_subject", "keycloak_user"),
            "partner_subject",
        ),
        Key(
            name="min_days",
            shape=Whole(least=1, most=31, description="Distinct local days on which the user must be seen"),
            default=1,
        ),
    ),
)
_DISCOUNT = Object(
    name="discount",
    description="Taken off a charge before its minimum and maximum; percent first, then amount",
    keys=(
        Key(name="percent", shape=Money(percent=True, description="Of the charge"), default="0"),
        Key(name="amount", shape=Money(description="Each period"), default="0"),
        Key(name="reason", shape=SENTENCE, note="Printed on the statement"),
    ),
    at_least_one=("percent", "amount"),
)
_DIMENSION_PRICE = Object(
    name="by_dimension",
    description="The price for events whose data match; the first that matches is used",
    keys=(Key(name="where", shape=WHERE, required=True), Key(name="price", shape=PRICE, required=True)),
)
CHARGE = Object(
    name="charges",
    description="One line of the agreement",
    keys=(
        Key(
            name="name",
            shape=NAME,
            required=True,
            note="Unique in the agreement; the line's name on the statement",
        ),
        Key(name="meter", shape=METER),
        Key(name="price", shape=PRICE, required=True),
        Key(name="included", shape=Quantity(description="Units free of charge each period"), default=0),
        Key(name="minimum", shape=Money(description="The charge is at least this each period")),
        Key(name="maximum", shape=Money(description="The charge is at most this each period")),
        Key(name="discount", shape=_DISCOUNT),
        Key(
            name="by_dimension",
            shape=ListOf(item=_DIMENSION_PRICE, description="Other prices for events with certain data"),
        ),
    ),
    refused=(
        *called("name", "charges", "label", "title", "description"),
        *called("meter", "charges", "event", "aggregate", written="meter: {event: TYPE, aggregate: count}"),
        *called("price", "charges", "model", "amount", written="price: {model: flat, amount: ...}"),
        *called("included", "charges", "free", "free_units"),
    ),
)
_RULES = Object(
    name="rules",
    description="The rules where the field disagrees; each is printed on the statement",
    keys=(
        _choice(
            "rounding", "How a line becomes the currency's minor unit", ("half_up", "half_even"), "half_up"
        ),
        _choice(
            "proration", "The unit by which part periods shrink amounts", ("second", "day", "none"), "day"
        ),
        _choice("tier_boundary", "The tier of a quantity exactly on `up_to`", ("lower", "higher"), "lower"),
        _choice(
            "zero_usage_flat_fee",
            "Whether the first tier's flat fee is due without usage",
            ("charged", "free"),
            "free",
        ),
        _choice(
            "unique_price_at",
            "The price of a unique when prices change inside a period",
            ("first_activity", "period_start"),
            "first_activity",
        ),
    ),
)
AGREEMENT = Object(
    name="agreement",
    description="One version of the terms, in force from `effective` until the next one begins",
    keys=(
        Key(
            name="effective", shape=Day(description="The first day, on a clock of `time_zone`"), required=True
        ),
        Key(
            name="until",
            shape=Day(description="The first day no longer covered; the next version's start by default"),
        ),
        Key(
            name="currency",
            shape=Text(
                description="ISO 4217 code",
                pattern=r"^[A-Z]{3}$",
                form="a currency code of three capitals",
                examples=("USD", "EUR"),
                code="PG301",
                mend=str.upper,
            ),
            required=True,
        ),
        Key(
            name="time_zone",
            shape=Text(description="IANA name; days and periods begin by it", examples=("America/New_York",)),
            required=True,
        ),
        Key(name="cycle", shape=_CYCLE),
        Key(name="active_user", shape=_ACTIVE_USER),
        Key(name="charges", shape=ListOf(item=CHARGE, description="The lines of a statement"), required=True),
        Key(
            name="minimum",
            shape=Money(description="Minimum for a period; the difference is a line of its own"),
        ),
        Key(
            name="revenue_share",
            shape=Object(
                name="revenue_share",
                description="What the partner is owed of what it pays",
                keys=(
                    Key(
                        name="partner_percent",
                        shape=Money(percent=True, description="The partner's part"),
                        required=True,
                    ),
                    Key(
                        name="of",
                        shape=NAME,
                        default="usage",
                        note="`usage` (metered charges), `all`, or the name of one charge",
                    ),
                ),
            ),
        ),
        Key(
            name="tax",
            shape=Object(
                name="tax",
                description="A declared rate on the total of the rounded lines",
                keys=(
                    Key(name="name", shape=NAME, required=True),
                    Key(name="percent", shape=Money(percent=True, description="Of the total"), required=True),
                ),
            ),
        ),
        Key(name="rules", shape=_RULES),
        Key(
            name="grace_hours",
            shape=Whole(most=31 * 24, description="How long after a period late usage still belongs to it"),
            default=24,
        ),
    ),
    refused=(
        *called("effective", "agreement", "from", "start", "begins", "since", "valid_from"),
        *called("until", "agreement", "to", "end", "ends", "valid_until"),
    ),
)
