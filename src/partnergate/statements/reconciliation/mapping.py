"""The column mapping of a partner's CSV: the meaning of each column and the time zone.

The mapping is guessed from column names and content, shown before the comparison, and saved as a file that
an operator can edit.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

from partnergate.errors import UsageError
from partnergate.model.days import time_zones
from partnergate.statements.reconciliation.column_names import COLUMN_NAMES, bare_name
from partnergate.statements.reconciliation.times import (
    EPOCH,
    EPOCH_MS,
    EXCEL,
    ISO,
    has_offsets,
    order_of,
    other_order,
    read_time,
    time_format,
    with_order,
)
from partnergate.statements.reconciliation.written_numbers import (
    evidence_of_comma,
    read_number,
    states_currency,
)
from partnergate.strict_json import StrictJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_SAMPLE = 500
_LOOKED_UP = 50
_NAMING = ("id", "session", "user")
"""Roles that identify a record of the host, or its user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """The column of each role; empty if the file has no such column."""

    time: str = ""
    user: str = ""
    session: str = ""
    id: str = ""
    quantity: str = ""
    amount: str = ""
    currency: str = ""
    """Names the currency of each amount."""
    time_format: str = ISO
    """``iso``, ``epoch``, ``epoch_ms``, ``excel`` or a format of ``strptime``."""
    zone: str = "UTC"
    """The time zone of times without an offset."""
    decimal_comma: bool = False


def guessed(
    head: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    *,
    zones: Sequence[str],
    score: Callable[[ColumnMapping], int],
    near: Callable[[ColumnMapping], int] = lambda _mapping: 0,
    order: str = "",
    score_numbers: Callable[[ColumnMapping], int] = lambda _mapping: 0,
    known: Callable[[str, str], bool] = lambda _role, _text: False,
) -> ColumnMapping:
    """Guess the mapping from content and names, with the zone of ``zones`` that has the best ``score``.

    ``score_numbers`` returns how many quantities and amounts are those of the host; it decides what
    ``1,200`` is where no other number of the file does. ``known`` returns whether the host has an ID,
    session, or user with that value. Content takes precedence over column names. ``order`` is
    ``day-first``, ``month-first``, or empty for the one in which more times ``score``, or else are ``near``
    a record of the host; a ``UsageError`` asks for it if neither does.
    """
    sample = rows[:_SAMPLE]
    columns = _met(head, sample, known)
    taken = set(columns.values())
    for role in ("time", "id", "session", "user", "currency", "quantity", "amount"):
        found = "" if role in columns else _column(role, head, sample, taken)
        if found:
            columns[role] = found
            taken.add(found)
    times = [row.get(columns.get("time", ""), "") for row in sample]
    named = ColumnMapping(time_format=time_format(times), decimal_comma=False, **columns)
    base = _with_comma(named, sample, score_numbers)
    if not base.time or has_offsets(times) or base.time_format in (EPOCH, EPOCH_MS):
        return base
    formats = _orders(base.time_format, times, order)
    best = [_best_zone(replace(base, time_format=how), zones, score) for how in formats]
    if len(best) == 1:
        return best[0]
    ranked = sorted(best, key=lambda m: (score(m), near(m)), reverse=True)
    if (score(ranked[0]), near(ranked[0])) == (score(ranked[1]), near(ranked[1])):
        raise UsageError(
            f'the order of day and month in column "{base.time}" cannot be decided: both orders fit the '
            "dates, and the host's records match neither better",
            advice="--date-order day-first or month-first (a field of the page), or time_format in a mapping",
        )
    return ranked[0]


def require_names(mapping: ColumnMapping, head: Sequence[str]) -> None:
    """Raise ``UsageError`` if no row could match a record of the host by this mapping."""
    if not any(getattr(mapping, role) for role in _NAMING):
        raise UsageError(
            "no column identifies a record, user, or session",
            advice=f"set id, user, or session in a mapping file; columns: {', '.join(head)}",
        )


def mapping_json(mapping: ColumnMapping) -> str:
    """Return the content of a mapping file."""
    return json.dumps({f.name: getattr(mapping, f.name) for f in fields(mapping)}, indent=2) + "\n"


def mapping_of(text: str | bytes, head: Sequence[str]) -> ColumnMapping:
    """Return the mapping of a mapping file for a CSV with these columns."""
    try:
        value = decode_json(text)
    except StrictJsonError as error:
        raise UsageError(f"the mapping file is not valid JSON: {error}") from error
    names = {f.name for f in fields(ColumnMapping)}
    if not isinstance(value, dict) or value.keys() - names:
        raise UsageError("unknown key in the mapping file", advice=f"keys: {', '.join(sorted(names))}")
    for key, given in value.items():
        wanted = bool if key == "decimal_comma" else str
        if type(given) is not wanted:
            kind = "true or false" if wanted is bool else "text"
            raise UsageError(f"{key} of the mapping file is not {kind}", advice=f"it is {json.dumps(given)}")
    mapping = ColumnMapping(**value)
    for role in ("time", "user", "session", "id", "quantity", "amount", "currency"):
        column = getattr(mapping, role)
        if column and column not in head:
            raise UsageError(f'the file has no column "{column}"', advice=f"columns: {', '.join(head)}")
    if mapping.zone not in time_zones():
        raise UsageError(
            f'"{mapping.zone}" is not a time zone', advice="use an IANA name such as Europe/Berlin"
        )
    return mapping


def _with_comma(
    base: ColumnMapping, rows: Sequence[Mapping[str, str]], score: Callable[[ColumnMapping], int]
) -> ColumnMapping:
    """Return the mapping with the decimal sign of its numbers, as most of them show or the host has them."""
    columns = [c for c in (base.quantity, base.amount) if c]
    found = [evidence_of_comma(row.get(column, "")) for column in columns for row in rows]
    commas, points = found.count(True), found.count(False)
    if commas != points:
        return replace(base, decimal_comma=commas > points)
    return max((base, replace(base, decimal_comma=True)), key=score)


def _orders(how: str, times: Sequence[str], order: str) -> tuple[str, ...]:
    """Return the formats that the dates can have: two if day and month can be exchanged."""
    if order:
        return (with_order(how, order),)
    other = other_order(how, times) if order_of(how) else ""
    return (how, other) if other else (how,)


def _best_zone(
    base: ColumnMapping, zones: Sequence[str], score: Callable[[ColumnMapping], int]
) -> ColumnMapping:
    return max((replace(base, zone=name) for name in dict.fromkeys(zones)), key=score)


def _met(
    head: Sequence[str], rows: Sequence[Mapping[str, str]], known: Callable[[str, str], bool]
) -> dict[str, str]:
    """Return for each role the column with the most values of the host, at least a fifth of the rows."""
    found: dict[str, str] = {}
    for role in _NAMING:
        best = 0
        for column in head:
            given = [t for row in rows[:_LOOKED_UP] if (t := row.get(column, "").strip())]
            met = sum(known(role, t) for t in given)
            if met > best and met * 5 >= len(given) and column not in found.values():
                best, found[role] = met, column
    return found


def _column(role: str, head: Sequence[str], rows: Sequence[Mapping[str, str]], taken: set[str]) -> str:
    free = [c for c in head if c not in taken]
    plain = {c: bare_name(c) for c in free}
    for name in COLUMN_NAMES[role]:
        for column in free:
            if plain[column] == name and _holds(role, column, rows):
                return column
    for name in sorted(COLUMN_NAMES[role], key=len, reverse=True):
        for column in free:
            if len(name) > 3 and name in plain[column] and _holds(role, column, rows):  # noqa: PLR2004
                if role in ("quantity", "amount") and not _has_numbers(column, rows):
                    continue
                return column
    if role == "time":
        return next((c for c in free if _holds(role, c, rows) and not _is_serial(c, rows)), "")
    if role == "user":
        return next((c for c in free if _names_people(c, rows)), "")
    return ""


def _names_people(column: str, rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether values repeat and are neither numbers nor times, as in a category column."""
    given = [t for row in rows if (t := row.get(column, "").strip())]
    return 0 < len(set(given)) * 2 <= len(given) and not any(
        read_number(t, decimal_comma=False) is not None for t in given[:20]
    )


def _has_numbers(column: str, rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether most cells are numbers: the name alone, such as ``Order number``, shows too little."""
    given = [t for row in rows if (t := row.get(column, "").strip())]
    good = sum(any(read_number(t, decimal_comma=c) is not None for c in (False, True)) for t in given)
    return good * 2 > len(given)


def _is_date(text: str) -> bool:
    return (
        read_time(text, time_format([text]), "UTC") is not None
        and read_number(text, decimal_comma=False) is None
    )


def _is_serial(column: str, rows: Sequence[Mapping[str, str]]) -> bool:
    """Whether only its name could tell the column from numbers."""
    return time_format([row.get(column, "") for row in rows]) == EXCEL


def _holds(role: str, column: str, rows: Sequence[Mapping[str, str]]) -> bool:
    texts = [row.get(column, "") for row in rows]
    given = [t for t in texts if t and t.strip()]
    if not given:
        return False
    match role:
        case "time":
            how = time_format(given)
            good = sum(read_time(t, how, "UTC") is not None for t in given)
        case "quantity" | "amount":
            good = sum(any(c.isdigit() for c in t) and not _is_date(t) for t in given)
        case "currency":
            good = sum(bool(states_currency(t)) for t in given)
        case "id":
            good = len(set(given))
        case _:
            good = len(given)
    return good * 10 >= len(given) * (8 if role in ("id", "session", "user", "currency") else 5)
