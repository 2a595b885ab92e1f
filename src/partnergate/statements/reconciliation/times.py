"""Times of a partner's file: their formats, the order of day and month, and days without a time of day."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import TYPE_CHECKING, Final

from partnergate.model.days import first_instant, zone

if TYPE_CHECKING:
    from collections.abc import Sequence

ISO, EPOCH, EPOCH_MS, EXCEL = "iso", "epoch", "epoch_ms", "excel"
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
_CLOCKS: Final = (" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "")
_DATES: Final = (
    "%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d.%m.%y", "%m/%d/%Y", "%d/%m/%Y", "%m-%d-%Y", "%d-%m-%Y",
    "%m/%d/%y", "%d/%m/%y", "%d %b %Y", "%d-%b-%Y",
)  # fmt: skip
_FORMATS: Final = (*(d + c for c, d in product(_CLOCKS, _DATES)), "%Y%m%dT%H%M%S")
_MIDNIGHT: Final = re.compile(r"(?P<clock>[T ]00:00(?P<seconds>:00)?(?P<fraction>\.0+)?)$")
_SERIAL: Final = re.compile(r"[2-7][0-9]{4}([.,][0-9]{1,12})?")
"""A day of 1954 to 2119 as spreadsheets count them, from 30 December 1899."""
_SERIAL_START: Final = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock
_ORDERED: Final = re.compile(r"%([dm])([/-])%([dm])")
_HALF_SECOND: Final = timedelta(milliseconds=500)


def time_format(texts: Sequence[str]) -> str:
    """Return the first time format that parses most of the times."""
    given = [t.strip() for t in texts if t.strip()]
    if not given:
        return ISO
    epochs = [t for t in given if _is_epoch(t)]
    if len(epochs) * 2 > len(given):
        return EPOCH_MS if max(len(t) for t in epochs) > 11 else EPOCH  # noqa: PLR2004 - digits of seconds
    if sum(_SERIAL.fullmatch(t) is not None for t in given) * 2 > len(given):
        return EXCEL
    best = max((ISO, *_FORMATS), key=lambda f: _parsed(given, f))
    return _without_clock(best, given)


def other_order(how: str, texts: Sequence[str]) -> str:
    """Return the format with day and month exchanged, if as many of the times fit it; else an empty text."""
    other = with_order(how, DAY_FIRST if order_of(how) == MONTH_FIRST else MONTH_FIRST)
    given = [t for t in texts if t.strip()]
    return other if other != how and _parsed(given, other) == _parsed(given, how) else ""


def order_of(how: str) -> str:
    """Return ``day-first`` or ``month-first``; empty for a format in which only one order is usual."""
    found = _ORDERED.match(how)
    return "" if found is None else DAY_FIRST if found[1] == "d" else MONTH_FIRST


def with_order(how: str, order: str) -> str:
    """Return the format with day and month in this order, if both orders are usual in it."""
    if order_of(how) in ("", order):
        return how
    return _ORDERED.sub(r"%\3\2%\1", how, count=1)


def read_time(text: str, how: str, zone_name: str) -> datetime | None:
    """Return the time in UTC, or None if the text is not a time. A day is its first instant."""
    try:
        found = _read(text.strip(), how)
        if found is None:
            return None
        if not isinstance(found, datetime):
            return first_instant(found, zone_name)
        if found.tzinfo is None:
            found = found.replace(tzinfo=zone(zone_name))
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def end_of_day(text: str, how: str, zone_name: str) -> datetime | None:
    """Return the instant after a day, in UTC; None if the text has a time of day too, or is not a time."""
    try:
        found = _read(text.strip(), how)
        if found is None or isinstance(found, datetime):
            return None
        return first_instant(found + timedelta(days=1), zone_name)
    except (ValueError, OverflowError):
        return None


def has_offsets(texts: Sequence[str]) -> bool:
    """Whether most of the times state their offset from UTC."""
    given = [t.strip() for t in texts if t.strip()]
    having = sum(bool(re.search(r":\d{2}(\.\d+)?\s?(Z|[+-]\d{2}:?\d{2})$", t)) for t in given)
    return having * 2 > len(given)


def _read(text: str, how: str) -> datetime | date | None:
    """Return a time, or a day if the text has no time of day. Raises ``ValueError`` for other texts."""
    match how:
        case "epoch" | "epoch_ms":
            if not _is_epoch(text):
                return None
            return datetime.fromtimestamp(int(text) / (1000 if how == EPOCH_MS else 1), UTC)
        case "excel":
            return _of_serial(text)
        case "iso":
            return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)  # noqa: PLR2004
        case _:
            found = datetime.strptime(text, how)  # noqa: DTZ007 - the zone comes later
            return found if "%H" in how or "%I" in how else found.date()


def _of_serial(text: str) -> datetime | date | None:
    if not _SERIAL.fullmatch(text):
        return None
    try:
        days = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    at = _SERIAL_START + timedelta(microseconds=int(days * 86_400_000_000))
    if days == days.to_integral_value():
        return at.date()
    return (at + _HALF_SECOND).replace(microsecond=0)


def _without_clock(how: str, given: Sequence[str]) -> str:
    """Return the format with midnight as fixed text if every time is midnight: then they are days."""
    found = [_MIDNIGHT.search(t) for t in given]
    clocks = {m["clock"] for m in found if m}
    if len(given) < 2 or None in found or len(clocks) != 1:  # noqa: PLR2004 - one can be by chance
        return how
    day = "%Y-%m-%d" if how == ISO else how.partition(" %H")[0]
    return day + clocks.pop()


def _parsed(given: Sequence[str], how: str) -> int:
    return sum(read_time(t, how, "UTC") is not None for t in given)


def _is_epoch(text: str) -> bool:
    """Whether the text can be recent seconds or milliseconds since 1970; a small number is a quantity."""
    return text.isascii() and text.isdigit() and 9 <= len(text) <= 14  # noqa: PLR2004
