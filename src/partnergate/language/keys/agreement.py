"""The keys of ``agreement``: the commercial terms of a partner."""

from __future__ import annotations

from partnergate.language.keys.pricing import METER, PRICE, WHERE
from partnergate.language.keys.shared_shapes import NAME, SENTENCE
from partnergate.language.shape.collections import Key, ListOf, Object, called
from partnergate.language.shape.scalars import Choice, Day, Money, NumberOfUnits, Text, Whole


def _choice(name: str, description: str, words: tuple[str, ...], default: object) -> Key:
    return Key(name=name, shape=Choice(words=words, description=description), default=default)


_CYCLE = Object(
    name="cycle",
    description="Billing cycle. Periods start at local midnight of the anchor day",
    keys=(
        _choice("every", "Length of a period", ("day", "week", "month", "quarter", "year"), "month"),
        Key(
            name="anchor_day",
            shape=Whole(
                least=1,
                most=31,
                description="Day of the month (at most its last day); in a weekly cycle 1 (Monday) to 7",
            ),
            default=1,
        ),
        Key(
            name="anchor_month",
            shape=Whole(least=1, most=12, description="Month in which quarters or years start"),
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
            shape=Whole(
                least=1,
                most=31,
                description="Number of different local days on which the user must be active",
            ),
            default=1,
        ),
    ),
)
_DISCOUNT = Object(
    name="discount",
    description="Discount on a charge, before its minimum and maximum; first percent, then amount",
    keys=(
        Key(name="percent", shape=Money(percent=True, description="Percentage of the charge"), default="0"),
        Key(name="amount", shape=Money(description="Amount per period"), default="0"),
        Key(name="reason", shape=SENTENCE, note="Printed on the statement"),
    ),
    at_least_one=("percent", "amount"),
)
_DIMENSION_PRICE = Object(
    name="by_dimension",
    description="Price for events with matching data; the first matching entry applies",
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
            note="Unique in the agreement; the name of the line on the statement",
        ),
        Key(name="meter", shape=METER),
        Key(name="price", shape=PRICE, required=True),
        Key(name="included", shape=NumberOfUnits(description="Free units per period"), default=0),
        Key(name="minimum", shape=Money(description="Minimum amount of the charge per period")),
        Key(name="maximum", shape=Money(description="Maximum amount of the charge per period")),
        Key(name="discount", shape=_DISCOUNT),
        Key(
            name="by_dimension",
            shape=ListOf(item=_DIMENSION_PRICE, description="Different prices for events with certain data"),
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
    description="Billing rules where practice differs; printed on the statement",
    keys=(
        _choice(
            "rounding",
            "How a line is rounded to the minor unit of the currency",
            ("half_up", "half_even"),
            "half_up",
        ),
        _choice(
            "proration",
            "Unit by which amounts are prorated in a partial period",
            ("second", "day", "none"),
            "day",
        ),
        _choice("tier_boundary", "Tier of a quantity that equals `up_to`", ("lower", "higher"), "lower"),
        _choice(
            "zero_usage_flat_fee",
            "Whether the flat fee of the first tier is charged without usage",
            ("charged", "free"),
            "free",
        ),
        _choice(
            "unique_price_at",
            "Price for unique users when the price changes mid-period",
            ("first_activity", "period_start"),
            "first_activity",
        ),
    ),
)
AGREEMENT = Object(
    name="agreement",
    description="One version of the terms, in effect from `effective` until the next version starts",
    keys=(
        Key(name="effective", shape=Day(description="First day, in `time_zone`"), required=True),
        Key(
            name="until",
            shape=Day(
                description="First day that is no longer covered; by default the start of the next version"
            ),
        ),
        Key(
            name="currency",
            shape=Text(
                description="ISO 4217 code",
                pattern=r"^[A-Z]{3}$",
                form="a currency code of three capital letters",
                examples=("USD", "EUR"),
                code="PG301",
                fix=str.upper,
            ),
            required=True,
        ),
        Key(
            name="time_zone",
            shape=Text(
                description="IANA name; days and periods start at midnight in this zone",
                examples=("America/New_York",),
            ),
            required=True,
        ),
        Key(name="cycle", shape=_CYCLE),
        Key(name="active_user", shape=_ACTIVE_USER),
        Key(name="charges", shape=ListOf(item=CHARGE, description="Lines of the statement"), required=True),
        Key(
            name="minimum",
            shape=Money(description="Minimum amount per period; the difference is a separate line"),
        ),
        Key(
            name="revenue_share",
            shape=Object(
                name="revenue_share",
                description="The partner's share of the amount that it pays",
                keys=(
                    Key(
                        name="partner_percent",
                        shape=Money(percent=True, description="Share of the partner"),
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
                description="Tax rate on the total of the rounded lines",
                keys=(
                    Key(name="name", shape=NAME, required=True),
                    Key(
                        name="percent",
                        shape=Money(percent=True, description="Percentage of the total"),
                        required=True,
                    ),
                ),
            ),
        ),
        Key(name="rules", shape=_RULES),
        Key(
            name="grace_hours",
            shape=Whole(
                most=31 * 24,
                description="Grace period: late usage that arrives in it still counts for the period",
            ),
            default=24,
        ),
    ),
    refused=(
        *called("effective", "agreement", "from", "start", "begins", "since", "valid_from"),
        *called("until", "agreement", "to", "end", "ends", "valid_until"),
    ),
)
