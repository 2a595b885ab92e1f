"""What each aggregate means, computed in the most obvious way: the tests compare the program to it."""

from decimal import Decimal
from fractions import Fraction

from partnergate.model.event_data import number_of, text_of


def _numbers(events, of):
    return [number for e in events if (number := number_of(e.data.get(of))) is not None]


def _count(events, _of):
    return len(events), len(events)


def _sum(events, of):
    numbers = [Fraction(n) for n in _numbers(events, of)]
    return len(numbers), sum(numbers)


def _max(events, of):
    numbers = _numbers(events, of)
    return len(numbers), max(numbers, default=Decimal(0))


def _min(events, of):
    numbers = _numbers(events, of)
    return len(numbers), min(numbers, default=Decimal(0))


def _last(events, of):
    measured = [e for e in events if number_of(e.data.get(of)) is not None]
    latest = sorted(measured, key=lambda e: (e.time_us, e.source, e.id))[-1:]
    return len(measured), number_of(latest[0].data[of]) if latest else Decimal(0)


def _unique_count(events, of):
    values = [text_of(e.data[of]) for e in events if e.data.get(of) is not None]
    return len(values), len(set(values))


BRUTE_FORCE = {
    "count": _count,
    "sum": _sum,
    "max": _max,
    "min": _min,
    "last": _last,
    "unique_count": _unique_count,
}
"""Name of the aggregate -> (events, field) to (number of measured events, quantity)."""
