"""Usage events, and stores with two partners, with readable defaults."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa

from builders.agreements import platform_fee
from builders.events import REALM, KnownSubjects, login, realm
from builders.partners import partner
from partnergate.metering.aggregates import AGGREGATES
from partnergate.metering.usage import SubjectKind, UsageAction, UsageEvent
from partnergate.model.agreement import (
    ActiveUserRule,
    ActiveUsersMeter,
    Charge,
    DimensionPrice,
    LoginsMeter,
    SessionsMeter,
    UsageMeter,
)
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.percentage import Percentage
from partnergate.store import EventIngest
from partnergate.store.usage.ledger import StoredUsage

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
PERIOD = (datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
ONE = PerUnit(unit=Decimal(1))
MODELS = (
    DimensionPrice(where=(("model", "m1"),), price=ONE),
    DimensionPrice(where=(("model", "m2"),), price=ONE),
)


def meter(aggregate, of="quantity", *, event="task.run", where=()):
    return UsageMeter(event=event, aggregate=aggregate, of=of, where=where)


def charge_by(aggregate):
    """A charge named as its aggregate; amounts of money are split by model."""
    of = ("workspace" if aggregate.distinct else "quantity") if aggregate.reads_field else None
    splits = MODELS if aggregate.is_money else ()
    return Charge(name=aggregate.name, price=ONE, meter=meter(aggregate.name, of), by_dimension=splits)


def every_meter(*, zone="Asia/Kolkata", by=("login", "usage"), min_days=1, unique_by="partner_subject"):
    """An agreement with every kind of meter; midnight of the zone is inside a UTC hour."""
    bounded = Percentage(percent=Decimal(1), event_minimum=Decimal("0.10"))
    return platform_fee(
        time_zone=zone,
        active_user=ActiveUserRule(by=by, min_days=min_days, unique_by=unique_by),
        charges=(
            *map(charge_by, AGGREGATES),
            Charge(name="m1 only", price=ONE, meter=meter("sum", where=(("model", "m1"),))),
            Charge(name="bounded", price=bounded, meter=meter("sum")),
            Charge(name="users", price=ONE, meter=ActiveUsersMeter()),
            Charge(name="logins", price=ONE, meter=LoginsMeter()),
            Charge(name="sessions", price=ONE, meter=SessionsMeter()),
        ),
    )


def usage(
    event_id, *, at=NOW, session="s1", kind=SubjectKind.SESSION, source="https://host.test/tasks", **data
):
    return UsageEvent(
        source=source,
        id=str(event_id),
        type="task.run",
        time=at,
        subject_kind=kind,
        subject=session,
        data=data or {"quantity": 1, "model": "m1", "workspace": "w1"},
    )


def void(event_id, target, *, at=NOW, source="https://host.test/tasks"):
    return UsageEvent(
        source=source,
        id=str(event_id),
        type="com.partnergate.usage.void",
        time=at,
        subject_kind=SubjectKind.NONE,
        subject="",
        data={},
        action=UsageAction.VOID,
        target=str(target),
    )


def amend(event_id, target, *, at=NOW, **data):
    return void(event_id, target, at=at)._replace(
        type="com.partnergate.usage.amend",
        action=UsageAction.AMEND,
        data=data,
    )


def cloud_event(event_id, *, at=NOW, subject="session:s1", **data):
    return {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "https://host.test/tasks",
        "type": "task.run",
        "time": at.isoformat(),
        "subject": subject,
        "data": data or {"quantity": 1},
    }


def batch(*events):
    return json.dumps(events).encode()


def prepared(store, *, terms=None, logins=True):
    """A store with the partners acme and globex and the sessions s1, s2 (acme) and g1 (globex)."""
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    named = (partner("acme"), partner("globex"))
    if terms is not None:
        named = tuple(replace(p, agreements=(terms,)) for p in named)
    ingest.record_registry(realm(REALM), named, 0)
    if logins:
        read_logins(ingest)
    return StoredUsage(store, source=KnownSubjects())


def read_logins(ingest):
    at = int((NOW - timedelta(days=2)).timestamp() * 1000)
    keep(
        ingest,
        login(at, session="s1", user="u1", subject="ada"),
        login(at, session="s2", user="u2", subject="bob"),
        login(at, session="g1", user="u3", subject="cy", alias="globex"),
    )


def keep(ingest, *events, seen=NOW):
    ingest.keep(REALM, events, seen_ms=int(seen.timestamp() * 1000), advance=None)


def ledger(store):
    """All derived rows, without numbers that depend on the insertion order."""
    with store.read() as connection:
        return {
            name: sorted(map(tuple, connection.execute(sa.text(query)))) for name, query in _LEDGER.items()
        }


_LEDGER = {
    "attributed": (
        "SELECT s.source, e.id, coalesce(o.partner, ''), coalesce(a.reason, ''), a.excluded, a.time_us, "
        "coalesce(a.person, ''), coalesce(a.user_id, ''), coalesce(a.waits_for, '') FROM usage_attributed a "
        "JOIN usage_events e ON e.seq = a.seq JOIN usage_sources s ON s.no = e.source_no "
        "LEFT JOIN usage_owners o ON o.no = a.owner_no"
    ),
    "rollups": (
        "SELECT o.partner, n.series, r.hour, r.split, r.excluded, r.count, r.unmeasured, "
        "coalesce(r.state, ''), r.weight FROM usage_rollups r JOIN usage_series n ON n.no = r.series_no "
        "JOIN usage_owners o ON o.no = n.owner_no WHERE r.count + r.unmeasured > 0"
    ),
    "values": (
        "SELECT o.partner, n.series, v.width, v.bucket, v.split, v.excluded, v.value, v.first_us "
        "FROM usage_values v JOIN usage_series n ON n.no = v.series_no JOIN usage_owners o ON o.no = n.owner_no"
    ),
    "seen": (
        "SELECT o.partner, v.quarter, v.person, v.user_id, v.excluded, v.first_us "
        "FROM usage_seen v JOIN usage_owners o ON o.no = v.owner_no"
    ),
}
