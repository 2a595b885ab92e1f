"""Our reading of CloudEvents agrees with the cloudevents package, and judges items one by one."""

import json
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


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[1,", b"\xff"])
def test_a_body_that_is_no_array_is_no_batch(body):
    with pytest.raises(MalformedBodyError):
        read_batch(body)


def test_an_amend_carries_the_complete_new_data_and_a_void_none():
    amend = read(type="com.partnergate.usage.amend", subject=..., data={"id": "old", "data": {"quantity": 2}})
    void = read(type="com.partnergate.usage.void", data={"id": "old", "reason": "sent twice"})
    assert (amend.action, amend.target, amend.data) == (UsageAction.AMEND, "old", {"quantity": 2})
    assert (void.action, void.target, void.data) == (UsageAction.VOID, "old", {})
