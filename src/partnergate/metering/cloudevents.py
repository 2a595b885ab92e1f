"""CloudEvents 1.0 in JSON as usage events: one, or a batch with a separate result for each item.

``msgspec`` decodes the JSON (``docs/decisions/cloudevents-reading.md`` explains why); a test compares the
result with the ``cloudevents`` package. This module does not depend on HTTP.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from partnergate.metering.usage import SubjectKind, UsageAction, UsageEvent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.model.event_data import Scalar

AMEND_TYPE = "com.partnergate.usage.amend"
VOID_TYPE = "com.partnergate.usage.void"
_CORRECTIONS = frozenset({AMEND_TYPE, VOID_TYPE})

_MAX_KEYS = 64
_MAX_TEXT = 1024
_MAX_DIGITS = 40
_MAX_MAGNITUDE = 30
_BOUND = 10**_MAX_MAGNITUDE

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


class _CloudEvent(msgspec.Struct, gc=False):
    specversion: Literal["1.0"]
    id: _Key
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=_MAX_TEXT)]
    type: _Key
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    subject: Annotated[str, msgspec.Meta(max_length=512)] = ""
    datacontenttype: str = "application/json"
    data: Any = None
    data_base64: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ONE: msgspec.json.Decoder[_CloudEvent] = msgspec.json.Decoder(_CloudEvent, float_hook=Decimal)
_MANY: msgspec.json.Decoder[list[_CloudEvent]] = msgspec.json.Decoder(list[_CloudEvent], float_hook=Decimal)
_ITEMS: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


def read_structured(body: bytes) -> UsageEvent | Rejected:
    """The event of one ``application/cloudevents+json`` body."""
    try:
        return _usage_event(_ONE.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation) as error:
        return _refusal(body, error)


def read_batch(body: bytes) -> tuple[UsageEvent | Rejected, ...]:
    """The events of one ``application/cloudevents-batch+json`` body, one result an item, in order.

    Raises ``MalformedBodyError`` when the body is no JSON array, so that there are no items.
    """
    try:
        return tuple(map(_usage_event, _MANY.decode(body)))
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation):
        pass
    try:
        items = _ITEMS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MalformedBodyError(f"the body is not a JSON array: {error}") from error
    return tuple(read_structured(bytes(item)) for item in items)


def read_binary(attributes: Mapping[str, str], body: bytes) -> UsageEvent | Rejected:
    """Return the event with attributes from ``ce-`` headers, without their prefix, and data from the body."""
    try:
        data = _ANY.decode(body) if body else None
        return _usage_event(msgspec.convert({**attributes, "data": data}, _CloudEvent))
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, InvalidOperation) as error:
        return Rejected(id=attributes.get("id"), reason=_reason_of(error), detail=str(error))


def _refusal(body: bytes, error: Exception) -> Rejected:
    """Says which event it was, where that can be read."""
    try:
        found = _ANY.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, InvalidOperation) as malformed:
        raise MalformedBodyError(f"the body is not JSON: {malformed}") from error
    named = found.get("id") if isinstance(found, dict) else None
    return Rejected(id=named if isinstance(named, str) else None, reason=_reason_of(error), detail=str(error))


def _reason_of(error: Exception) -> RejectReason:
    return RejectReason.DATA if "$.data" in str(error) else RejectReason.ATTRIBUTES


def _usage_event(event: _CloudEvent) -> UsageEvent | Rejected:
    """As a usage event; by the short way where it is plainly one, which nearly all are."""
    subject, data, time = event.subject, event.data, event.time
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
        kind = type(value)
        if (kind is str and len(value) <= _MAX_TEXT) or (kind is int and -_BOUND < value < _BOUND):
            continue  # nearly every value; the rest is looked at closely
        if problem := _value_problem(value):
            return f"data.{key[:64]} {problem}"
    return None


def _value_problem(value: Scalar | float | list[object] | dict[str, object]) -> str | None:
    match value:
        case None | bool():
            return None
        case str():
            return f"is longer than {_MAX_TEXT} characters"
        case int():
            return "is out of range"
        case Decimal():
            digits = len(value.as_tuple().digits)
            small = digits <= _MAX_DIGITS and (not value or abs(value.adjusted()) <= _MAX_MAGNITUDE)
            return None if value.is_finite() and small else "is out of range"
        case _:
            return "is neither text, number, boolean nor null"
