"""Our reading of CloudEvents agrees with the cloudevents package, and judges items one by one."""

import contextlib
import json
import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from cloudevents.core.bindings.http import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from partnergate.metering.cloudevents import (
    MalformedBodyError,
    Rejected,
    RejectReason,
    read_batch,
    read_binary,
    read_structured,
)
from partnergate.metering.usage import SubjectKind, UsageAction

ATTRIBUTES = {
    "specversion": "1.0",
    "id": "e-1",
    "source": "https://host.test/tasks",
    "type": "task.run",
    "time": datetime(2026, 10, 5, 12, 30, 0, 123456, tzinfo=UTC),
    "subject": "session:abc",
    "datacontenttype": "application/json",
}
DATA = {"quantity": 3, "model": "m\u00f6del", "trial": False, "none": None}


def document(**changes):
    event = {**ATTRIBUTES, "time": "2026-10-05T12:30:00.123456Z", "data": DATA, **changes}
    return {k: v for k, v in event.items() if v is not ...}


def read(**changes):
    return read_structured(json.dumps(document(**changes)).encode())


def test_what_the_package_writes_in_any_mode_is_read_as_the_same_event():
    event = CloudEvent(attributes=dict(ATTRIBUTES), data=DATA)
    structured, binary = to_structured(event, JSONFormat()), to_binary(event, JSONFormat())
    headers = {
        name.lower().removeprefix("ce-"): value
        for name, value in binary.headers.items()
        if name.lower().startswith("ce-")
    }
    body = structured.body if isinstance(structured.body, bytes) else structured.body.encode()
    payload = binary.body if isinstance(binary.body, bytes) else binary.body.encode()
    one = read_structured(body)
    assert one == read_binary({**headers, "datacontenttype": "application/json"}, payload)
    assert (one,) == read_batch(b"[" + body + b"]")
    assert one == read()
    assert (one.source, one.id, one.type, one.time) == tuple(
        ATTRIBUTES[n] for n in ("source", "id", "type", "time")
    )
    assert one.data == DATA


def test_numbers_are_exact():
    body = json.dumps(document()).replace('"quantity": 3', '"quantity": 0.1000000000000000055511151231257827')
    event = read_structured(body.encode())
    assert event.data["quantity"] == Decimal("0.1000000000000000055511151231257827")


@pytest.mark.parametrize(
    ("subject", "kind", "rest"),
    [
        ("abc", SubjectKind.SESSION, "abc"),
        ("session:abc", SubjectKind.SESSION, "abc"),
        ("user:u-1", SubjectKind.USER, "u-1"),
        ("acme:jo:x", SubjectKind.PARTNER_USER, "acme:jo:x"),
    ],
)
def test_a_subject_names_a_session_a_user_or_a_partners_user(subject, kind, rest):
    event = read(subject=subject)
    assert (event.subject_kind, event.subject) == (kind, rest)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"specversion": "0.3"}, RejectReason.ATTRIBUTES),
        ({"id": ""}, RejectReason.ATTRIBUTES),
        ({"id": 7}, RejectReason.ATTRIBUTES),
        ({"id": "a\nb"}, RejectReason.ATTRIBUTES),
        ({"source": ...}, RejectReason.ATTRIBUTES),
        ({"time": "2026-10-05T12:30:00"}, RejectReason.ATTRIBUTES),
        ({"time": "yesterday"}, RejectReason.ATTRIBUTES),
        ({"subject": ""}, RejectReason.SUBJECT),
        ({"subject": ":x"}, RejectReason.SUBJECT),
        ({"subject": "acme:"}, RejectReason.SUBJECT),
        ({"data": [1]}, RejectReason.DATA),
        ({"data": {"a": {"b": 1}}}, RejectReason.DATA),
        ({"data": {"a": "x" * 1025}}, RejectReason.DATA),
        ({"data": {"a": 10**40}}, RejectReason.DATA),
        ({"data": {str(n): 1 for n in range(65)}}, RejectReason.DATA),
        ({"datacontenttype": "text/csv"}, RejectReason.DATA),
        ({"data_base64": "AA=="}, RejectReason.DATA),
        ({"type": "com.partnergate.usage.void", "data": {}}, RejectReason.CORRECTION),
        ({"type": "com.partnergate.usage.void", "data": {"id": "e-1"}}, RejectReason.CORRECTION),
        ({"type": "com.partnergate.usage.amend", "data": {"id": "x"}}, RejectReason.CORRECTION),
    ],
)
def test_an_event_that_does_not_fit_is_refused_with_its_reason(changes, reason):
    found = read(**changes)
    assert isinstance(found, Rejected)
    assert found.reason is reason
    assert found.detail


def test_a_bad_item_does_not_spoil_its_batch():
    body = json.dumps([document(), {"id": "bad"}, document(id="e-2")]).encode()
    first, bad, last = read_batch(body)
    assert (first.id, bad.id, last.id) == ("e-1", "bad", "e-2")
    assert isinstance(bad, Rejected)


DEEP = "[" * 100_000 + "]" * 100_000
UNREADABLE = {
    "a time before the first one in a zone": document(id="bad", time="0001-01-01T00:00:00+01:00"),
    "a time after the last one in a zone": document(id="bad", time="9999-12-31T23:59:59-01:00"),
    "the first year": document(id="bad", time="0001-01-01T00:00:00Z"),
    "the last year": document(id="bad", time="9999-12-31T23:59:59Z"),
    "deep data": json.dumps(document(id="bad", data="DEEP")).replace('"DEEP"', DEEP),
    "a deep unknown member": json.dumps(document(id="bad", other="DEEP")).replace('"DEEP"', DEEP),
    "deep objects": '{"id": "bad", "data": ' + '{"a":' * 100_000 + "1" + "}" * 100_001,
    "an exponent beyond the decoder": json.dumps(document(id="bad")).replace("3", "1e99999999999999999999", 1),
    "digits beyond the decoder": json.dumps(document(id="bad", data={"q": 1})).replace('{"q": 1', '{"q": ' + "9" * 5000),
    "half of a surrogate pair": json.dumps(document(id="bad", data={"note": "cut \ud83d"})),
    "U+0000 in a value": document(id="bad", data={"a": "\0"}),
    "U+0000 in a key": document(id="bad", data={"\0": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_item_that_cannot_be_decoded_affects_no_other(name):
    item = UNREADABLE[name]
    text = item if isinstance(item, str) else json.dumps(item)
    good = json.dumps(document(id="e-1")), json.dumps(document(id="e-2"))
    first, bad, last = read_batch(f" [{good[0]} , {text},{good[1]}]\n".encode())
    assert (first.id, first.data, last.id) == ("e-1", DATA, "e-2")
    assert isinstance(bad, Rejected)
    assert (bad.id, bool(bad.detail)) == ("bad", True)
    assert isinstance(read_structured(text.encode()), Rejected)


@pytest.mark.parametrize("value", ["", "\\ud83d"])
def test_a_rejection_names_the_event_and_not_the_one_that_it_corrects(value):
    """A member of the data can have the same name, and can come first."""
    text = '{"data": {"id": "old"}, "x": "id", "specversion": "%s", "id": "bad"}' % value  # noqa: UP031 - braces
    found = read_structured(text.encode())
    assert isinstance(found, Rejected)
    assert found.id == "bad"


def test_an_unreadable_attribute_of_binary_mode_is_refused():
    for text in ("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"):
        assert isinstance(read_binary({**ATTRIBUTES, "time": text}, b"{}"), Rejected)
    attributes = {**ATTRIBUTES, "time": "2026-10-05T12:30:00Z"}
    assert isinstance(read_binary(attributes, DEEP.encode()), Rejected)


@pytest.mark.parametrize("digits", ["9999999", "999999999", "9999990000001"])
def test_a_time_is_truncated_to_microseconds_and_never_rounded_into_the_next_period(digits):
    """23:59:59.9999999 belongs to the day that ends, not to the next one."""
    text = f"2026-10-31T23:59:59.{digits}+01:00"
    truncated = datetime(2026, 10, 31, 22, 59, 59, 999999, tzinfo=UTC)
    one, other = read_batch(json.dumps([document(time=text), document(id="e-2")]).encode())
    assert (one.time, other.id) == (truncated, "e-2")
    assert read(time=text).time == truncated
    assert read_binary({**ATTRIBUTES, "time": text}, b"{}").time == truncated
    assert read(data={"time": text}).data == {"time": text}


@pytest.mark.parametrize(
    "body",
    [
        b"[" + b"[]," * 3_000_000 + b"1]",
        b"[" * 9_000_000,
        b'["' + b'\\"' * 4_000_000,
        b"[" + b'"' * 9_000_001,
        b"[" + b"1," * 4_000_000 + b'"\\ud83d"]',
        b'[{"id":' * 1_000_000,
    ],
)
def test_a_hostile_batch_is_read_in_bounded_time(body):
    started = time.perf_counter()
    with contextlib.suppress(MalformedBodyError):
        assert len(read_batch(body)) > 10_000
    assert time.perf_counter() - started < 8  # a second on an idle machine


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{}", b"[1,", b"\xff", b"[{]}", b"[1]]", b"[1] x", b'["\\ud83d",]', b'["']
)
def test_a_body_that_is_no_array_is_no_batch(body):
    with pytest.raises(MalformedBodyError):
        read_batch(body)


def test_an_amend_carries_the_complete_new_data_and_a_void_none():
    amend = read(type="com.partnergate.usage.amend", subject=..., data={"id": "old", "data": {"quantity": 2}})
    void = read(type="com.partnergate.usage.void", data={"id": "old", "reason": "sent twice"})
    assert (amend.action, amend.target, amend.data) == (UsageAction.AMEND, "old", {"quantity": 2})
    assert (void.action, void.target, void.data) == (UsageAction.VOID, "old", {})
