"""Converts lines of a file to CloudEvents: complete events in NDJSON, or columns in CSV. Pure code.

CSV has the columns ``id``, ``time``, ``subject`` and optionally ``type`` and ``source``; every other column
is a field of the data. A cell with a plain number becomes a number; an empty cell is omitted.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from partnergate.model.event_data import number_of
from partnergate.strict_json import StrictJsonError, decode_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ATTRIBUTES = ("id", "time", "subject", "type", "source")
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a file leaves out because it is the same in every line."""

    source: str = ""
    type: str = ""


def event_of_cells(cells: Mapping[str, str], defaults: Defaults) -> bytes:
    """One line of a CSV file."""
    data = {
        name: value if (number := number_of(value)) is None else number
        for name, value in cells.items()
        if name not in ATTRIBUTES and value != ""
    }
    event = {
        "specversion": "1.0",
        "id": cells.get("id", ""),
        "source": cells.get("source") or defaults.source,
        "type": cells.get("type") or defaults.type,
        "time": cells.get("time", ""),
        "subject": cells.get("subject", ""),
        "data": data,
    }
    return _ENCODER.encode(event)


def event_of_record(record: bytes, header: Sequence[str], defaults: Defaults) -> bytes:
    """One record of a CSV file; one that cannot be read becomes an event that is refused."""
    try:
        (cells,) = csv.reader(io.StringIO(record.decode(), newline=""), strict=True)
    except (UnicodeDecodeError, ValueError, csv.Error):
        return _unreadable(record)
    if len(cells) > len(header):
        return _unreadable(record)
    return event_of_cells(dict(zip(header, cells, strict=False)), defaults)


def event_of_line(line: bytes, defaults: Defaults) -> bytes:
    """One line of an NDJSON file; what is no JSON object becomes an event that is refused."""
    try:
        decode_json(line)  # every reader of the line must see the same event
        found = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    except (StrictJsonError, msgspec.DecodeError):
        return _unreadable(line)
    for name in ("source", "type"):
        given = getattr(defaults, name)
        if given and name not in found:
            found[name] = msgspec.Raw(_ENCODER.encode(given))
    found.setdefault("specversion", msgspec.Raw(b'"1.0"'))
    return _ENCODER.encode(found)


def _unreadable(text: bytes) -> bytes:
    return _ENCODER.encode({"id": None, "unreadable": text[:200].decode("utf-8", "replace")})
