"""CloudEvents 1.0 in JSON as usage events: one, or a batch with a separate result for each item.

``msgspec`` decodes the JSON (``docs/decisions/cloudevents-reading.md`` explains why); a test compares the
result with the ``cloudevents`` package. This module does not depend on HTTP.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from partnergate.metering.json_items import MOST_ITEMS, array_items, id_member
from partnergate.metering.usage import SubjectKind, UsageAction, UsageEvent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.model.event_data import Scalar

AMEND_TYPE = "com.partnergate.usage.amend"
VOID_TYPE = "com.partnergate.usage.void"
_CORRECTIONS = frozenset({AMEND_TYPE, VOID_TYPE})

_MAX_KEYS = 64
_MAX_TEXT = 1024
_MAX_DIGITS = 40
_MAX_MAGNITUDE = 30
_BOUND = 10**_MAX_MAGNITUDE

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
"""Times outside cannot be shown in every time zone."""
_FINE_TIME = re.compile(rb'"time"\s*:\s*"[0-9Tt: -]+\.[0-9]{7}')
"""A time with more digits than a microsecond has. The decoder would round it, maybe into the next period."""
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BEYOND_MICROSECONDS = re.compile(r"(\.[0-9]{6})[0-9]+")

_Key = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]


class RejectReason(StrEnum):
    """Why an item is not taken. A bounded set: it labels metrics."""

    ATTRIBUTES = "attributes"
    SUBJECT = "subject"
    DATA = "data"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A refused item, with a reason for its sender."""

    id: str | None
    reason: RejectReason
    detail: str


class MalformedBodyError(ValueError):
    """The body is not the JSON that its content type announces."""


class _Attributes(msgspec.Struct, gc=False, kw_only=True):
    specversion: Literal["1.0"]
    id: _Key
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_TEXT)]
    type: _Key
    subject: Annotated[str, msgspec.Meta(max_length=512)] = ""
    datacontenttype: str = "application/json"
    data: Any = None
    data_base64: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _CloudEvent(_Attributes, gc=False, kw_only=True):
    time: Annotated[datetime, msgspec.Meta(tz=True)]


class _FineCloudEvent(_Attributes, gc=False, kw_only=True):
    time: str
    """Truncated to microseconds before it is converted."""


class _Named(msgspec.Struct):
    id: Any = None


class _Timed(msgspec.Struct):
    time: Annotated[datetime, msgspec.Meta(tz=True)]


_ONE: msgspec.json.Decoder[_CloudEvent] = msgspec.json.Decoder(_CloudEvent, float_hook=Decimal)
_FINE: msgspec.json.Decoder[_FineCloudEvent] = msgspec.json.Decoder(_FineCloudEvent, float_hook=Decimal)
_MANY_FINE: msgspec.json.Decoder[list[_FineCloudEvent]] = msgspec.json.Decoder(
    list[_FineCloudEvent], float_hook=Decimal
)
_ITEMS: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_MANY: msgspec.json.Decoder[list[_CloudEvent]] = msgspec.json.Decoder(list[_CloudEvent], float_hook=Decimal)
_NAMED: msgspec.json.Decoder[_Named] = msgspec.json.Decoder(_Named, float_hook=str)
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation, RecursionError)


def read_structured(body: bytes) -> UsageEvent | Rejected:
    """The event of one ``application/cloudevents+json`` body. A body that cannot be decoded is rejected."""
    try:
        if _FINE_TIME.search(body):
            return _usage_event(_with_microseconds(_FINE.decode(body)))
        return _usage_event(_ONE.decode(body))
    except _UNREADABLE as error:
        return Rejected(id=_id_of(body), reason=_reason_of(error), detail=_detail_of(error, body))


def read_batch(body: bytes) -> tuple[UsageEvent | Rejected, ...]:
    """The events of one ``application/cloudevents-batch+json`` body, one result an item, in order.

    Raises ``MalformedBodyError`` when the body is no JSON array, so that there are no items.
    """
    try:
        if _FINE_TIME.search(body):
            return tuple(_usage_event(_with_microseconds(event)) for event in _MANY_FINE.decode(body))
        return tuple(map(_usage_event, _MANY.decode(body)))
    except _UNREADABLE:
        return tuple(map(read_structured, _items(body)))


def _items(body: bytes) -> Sequence[bytes]:
    """Split a batch of which at least one item cannot be decoded."""
    try:
        return [bytes(item) for item in _ITEMS.decode(body)[: MOST_ITEMS + 1]]
    except _UNREADABLE:  # too deep, or a text that is not valid
        items = array_items(body)
    if items is None:
        raise MalformedBodyError("the body is not a JSON array")
    return items


def read_binary(attributes: Mapping[str, str], body: bytes) -> UsageEvent | Rejected:
    """Return the event with attributes from ``ce-`` headers, without their prefix, and data from the body."""
    try:
        data = _ANY.decode(body) if body else None
        time = _BEYOND_MICROSECONDS.sub(r"\1", attributes.get("time", ""))
        timed = {**attributes, "time": time} if time else attributes
        return _usage_event(msgspec.convert({**timed, "data": data}, _CloudEvent))
    except _UNREADABLE as error:
        return Rejected(id=attributes.get("id"), reason=_reason_of(error), detail=_detail_of(error, body))


def _with_microseconds(event: _FineCloudEvent) -> _CloudEvent:
    """The event with a truncated time. Raises ``msgspec.ValidationError``."""
    attributes = {name: getattr(event, name) for name in event.__struct_fields__}
    cut = {"time": _BEYOND_MICROSECONDS.sub(r"\1", event.time)}
    return _CloudEvent(**attributes | {"time": msgspec.convert(cut, _Timed).time})


def _id_of(body: bytes) -> str | None:
    """The ID of an event that is not valid, as far as it can be read."""
    try:
        found = _NAMED.decode(body).id
    except _UNREADABLE:
        return id_member(body)
    return found if isinstance(found, str) else None


def _detail_of(error: Exception, body: bytes) -> str:
    match error:
        case RecursionError():
            return "the event is nested too deeply"
        case InvalidOperation():
            return "a number is out of range"
        case msgspec.ValidationError():
            return str(error)
        case _ if _SURROGATE.search(body):
            return "the event is not valid JSON: a text contains half of a surrogate pair"
        case _:
            return f"the event is not valid JSON: {error}"


def _reason_of(error: Exception) -> RejectReason:
    in_data = isinstance(error, RecursionError | InvalidOperation) or "$.data" in str(error)
    return RejectReason.DATA if in_data else RejectReason.ATTRIBUTES


def _usage_event(event: _CloudEvent) -> UsageEvent | Rejected:
    """As a usage event; by the short way where it is plainly one, which nearly all are."""
    subject, data, time = event.subject, event.data, event.time
    if not _FIRST_YEAR <= time.year <= _LAST_YEAR:
        return _refused(event, RejectReason.ATTRIBUTES, "time is not between the years 1970 and 9998")
    if (
        subject.startswith("session:")
        and len(subject) > len("session:")
        and type(data) is dict
        and event.type not in _CORRECTIONS
        and event.data_base64 is msgspec.UNSET
        and event.datacontenttype == "application/json"
        and (event.id + event.source + event.type + subject).isprintable()
        and _data_problem(data) is None
    ):
        return UsageEvent(
            event.source,
            event.id,
            event.type,
            time if time.tzinfo is UTC else time.astimezone(UTC),
            SubjectKind.SESSION,
            subject[8:],
            data,
        )
    return _judged(event)


def _judged(event: _CloudEvent) -> UsageEvent | Rejected:
    if not (event.id.isprintable() and event.source.isprintable() and event.type.isprintable()):
        return Rejected(
            id=None,
            reason=RejectReason.ATTRIBUTES,
            detail="id, source and type are printable text",
        )
    if event.data_base64 is not msgspec.UNSET or (
        event.datacontenttype != "application/json" and not _is_json(event.datacontenttype)
    ):
        return _refused(event, RejectReason.DATA, "data is a JSON object, datacontenttype application/json")
    if event.type in _CORRECTIONS:
        return _correction(event)
    data = {} if event.data is None else event.data
    if problem := _data_problem(data):
        return _refused(event, RejectReason.DATA, problem)
    named = _subject(event.subject)
    if named is None:
        return _refused(
            event, RejectReason.SUBJECT, "subject is session:<id>, user:<id> or <partner>:<partner's subject>"
        )
    kind, subject = named
    return UsageEvent(
        source=event.source,
        id=event.id,
        type=event.type,
        time=event.time if event.time.tzinfo is UTC else event.time.astimezone(UTC),
        subject_kind=kind,
        subject=subject,
        data=data,
    )


def _correction(event: _CloudEvent) -> UsageEvent | Rejected:
    body = event.data
    allowed = {"id", "data"} if event.type == AMEND_TYPE else {"id", "reason"}
    if not isinstance(body, dict) or not isinstance(body.get("id"), str) or set(body) - allowed:
        return _refused(
            event, RejectReason.CORRECTION, f"data of {event.type} has {' and '.join(sorted(allowed))} only"
        )
    if not body["id"] or body["id"] == event.id:
        return _refused(event, RejectReason.CORRECTION, "data.id names an earlier event of the same source")
    new = body.get("data", {})
    if problem := _data_problem(new):
        return _refused(event, RejectReason.CORRECTION, problem)
    if event.type == AMEND_TYPE and "data" not in body:
        return _refused(event, RejectReason.CORRECTION, "an amend carries the whole new data in data.data")
    return UsageEvent(
        source=event.source,
        id=event.id,
        type=event.type,
        time=event.time.astimezone(UTC),
        subject_kind=SubjectKind.NONE,
        subject="",
        data=new,
        action=UsageAction.AMEND if event.type == AMEND_TYPE else UsageAction.VOID,
        target=body["id"],
    )


def _refused(event: _CloudEvent, reason: RejectReason, detail: str) -> Rejected:
    return Rejected(id=event.id, reason=reason, detail=detail)


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _subject(text: str) -> tuple[SubjectKind, str] | None:
    """``(kind, subject)``; a subject without a prefix is a session id."""
    prefix, colon, rest = text.partition(":")
    if not text or (colon and not (prefix and rest)) or not text.isprintable():
        return None
    match prefix:
        case _ if not colon:
            return (SubjectKind.SESSION, text)
        case "session":
            return (SubjectKind.SESSION, rest)
        case "user":
            return (SubjectKind.USER, rest)
        case _:
            return (SubjectKind.PARTNER_USER, text)


def _data_problem(data: object) -> str | None:
    if not isinstance(data, dict):
        return "data is a JSON object"
    if len(data) > _MAX_KEYS:
        return f"data has at most {_MAX_KEYS} keys"
    for key, value in data.items():
        if "\0" in key:
            return "a key of data contains the character U+0000"
        kind = type(value)
        if (kind is str and len(value) <= _MAX_TEXT and "\0" not in value) or (
            kind is int and -_BOUND < value < _BOUND
        ):
            continue  # nearly every value; the rest is looked at closely
        if problem := _value_problem(value):
            return f"data.{key[:64]} {problem}"
    return None


def _value_problem(value: Scalar | float | list[object] | dict[str, object]) -> str | None:
    match value:
        case None | bool():
            return None
        case str():
            return f"is longer than {_MAX_TEXT} characters or contains the character U+0000"
        case int():
            return "is out of range"
        case Decimal():
            digits = len(value.as_tuple().digits)
            small = digits <= _MAX_DIGITS and (not value or abs(value.adjusted()) <= _MAX_MAGNITUDE)
            return None if value.is_finite() and small else "is out of range"
        case _:
            return "is neither text, number, boolean nor null"
