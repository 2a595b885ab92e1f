"""Usage counts exactly once and for the right partner, even if events are repeated, late, or out of order."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from builders.events import REALM, KnownSubjects, login, realm
from builders.partners import partner
from builders.usage import NOW, PERIOD, amend, every_meter, keep, ledger, prepared, read_logins, usage, void
from partnergate.metering.aggregates import AGGREGATES
from partnergate.metering.ports import Receipt
from partnergate.metering.usage import SubjectKind
from partnergate.model.partner import Stage
from partnergate.store import EventIngest, open_store
from partnergate.store.usage.ledger import StoredUsage

ONE_VALUE = {aggregate.name for aggregate in AGGREGATES if aggregate.one_value}


def quantity(stored, name="sum", *, partner_id="acme", terms=None, span=PERIOD):
    found = stored.reader(REALM).quantities(partner_id, terms or every_meter(zone="UTC"), *span)
    return sum((q.value for q in found if q.meter == name), Decimal(0))


def send(stored, *events, at=NOW):
    return stored.append(REALM, events, at)


def test_a_repeated_event_is_a_duplicate_and_counts_exactly_one_time(store):
    stored = prepared(store)
    assert send(stored, usage(1)) == (Receipt.ACCEPTED,)
    assert send(stored, usage(1)) == (Receipt.DUPLICATE,)
    assert send(stored, usage(2), usage(2)) == (Receipt.ACCEPTED, Receipt.DUPLICATE)
    assert quantity(stored) == 2


def test_a_key_with_other_content_is_a_conflict_and_the_first_content_remains(store):
    stored = prepared(store)
    send(stored, usage(1, quantity=5))
    assert send(stored, usage(1, quantity=6), usage(2)) == (Receipt.CONFLICT, Receipt.ACCEPTED)
    assert send(stored, usage(1, quantity=True)) == (Receipt.CONFLICT,)
    assert send(stored, usage(1, quantity=Decimal("5.0"))) == (Receipt.DUPLICATE,)
    assert quantity(stored) == 6


def test_the_same_key_of_another_source_or_realm_is_another_event(store):
    stored = prepared(store)
    assert send(stored, usage(1), usage(1, source="https://other.test")) == (Receipt.ACCEPTED,) * 2
    assert stored.append("another-realm", (usage(1),), NOW) == (Receipt.PARKED,)
    assert quantity(stored) == 2


def test_usage_before_its_login_is_parked_and_attributed_when_the_login_is_read(store):
    stored = prepared(store, logins=False)
    by_user = usage(2, session="u1", kind=SubjectKind.USER)
    assert send(stored, usage(1), by_user) == (Receipt.PARKED, Receipt.PARKED)
    assert quantity(stored) == 0
    read_logins(EventIngest(store=store, subjects=KnownSubjects()))
    assert quantity(stored) == 2
    assert send(stored, usage(3), by_user._replace(id="4")) == (Receipt.ACCEPTED,) * 2


def test_usage_that_names_a_partner_needs_no_login_and_its_subject_is_pseudonymized(store):
    stored = prepared(store, logins=False)
    named = usage(1, session="acme:secret-subject", kind=SubjectKind.PARTNER_USER)
    unknown = usage(2, session="unknown:x", kind=SubjectKind.PARTNER_USER)
    assert send(stored, named, unknown) == (Receipt.ACCEPTED,) * 2
    assert send(stored, named) == (Receipt.DUPLICATE,)
    assert quantity(stored) == 1
    with store.read() as connection:
        kept = connection.execute(sa.text("SELECT subject FROM usage_events")).scalars().all()
    assert not any("secret-subject" in text for text in kept)


def test_an_event_more_than_five_minutes_ahead_is_quarantined(store):
    stored = prepared(store)
    ahead = usage(1, at=NOW + timedelta(minutes=5, microseconds=1))
    assert send(stored, ahead, usage(2, at=NOW + timedelta(minutes=5))) == (
        Receipt.QUARANTINED,
        Receipt.ACCEPTED,
    )
    assert quantity(stored) == 1


def test_a_void_takes_an_event_out_and_an_amend_replaces_its_data(store):
    stored = prepared(store)
    send(stored, usage(1, quantity=5), usage(2, quantity=7))
    assert quantity(stored) == 12
    assert send(stored, amend("a", 1, quantity=3), void("v", 2)) == (Receipt.ACCEPTED,) * 2
    assert quantity(stored) == 3
    with store.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM usage_events")).scalar_one() == 4


def test_a_correction_before_its_event_waits_for_it(store):
    stored = prepared(store)
    assert send(stored, amend("a", 1, quantity=3), void("v", 2)) == (Receipt.PARKED,) * 2
    stored.attribute_pending()
    send(stored, usage(1, quantity=5), usage(2, quantity=7))
    assert quantity(stored) == 3


def test_a_later_amend_wins_and_a_void_is_for_good(store):
    stored = prepared(store)
    late = amend("b", 1, at=NOW + timedelta(seconds=2), quantity=20)
    send(stored, usage(1, quantity=5), late, amend("a", 1, quantity=10))
    assert quantity(stored) == 20
    send(stored, void("v", 1, at=NOW - timedelta(hours=1)))
    assert quantity(stored) == 0


def test_usage_follows_a_session_that_an_earlier_login_moves(store):
    """Pitfall 1 and 11: a login committed late decides whose the session is, also for its usage."""
    stored = prepared(store)
    send(stored, usage(1), usage(2, session="u1", kind=SubjectKind.USER))
    assert quantity(stored) == 2
    earlier = int((NOW - timedelta(days=3)).timestamp() * 1000)
    keep(
        EventIngest(store=store, subjects=KnownSubjects()),
        login(earlier, session="s1", user="u1", subject="ada", alias="globex"),
    )
    assert quantity(stored) == 0
    assert quantity(stored, partner_id="globex") == 2


def test_usage_after_a_suspension_is_stored_and_not_billed(store):
    """Pitfall 4: billed to the instant of suspension, later events shown as excluded."""
    stored = prepared(store)
    instant = NOW - timedelta(hours=1)
    send(stored, usage(1, at=instant - timedelta(microseconds=1)), usage(2, at=instant))
    assert quantity(stored) == 2
    ingest = EventIngest(store=store, subjects=KnownSubjects())
    suspended = partner("acme", stage=Stage.SUSPENDED)
    ingest.record_registry(realm(REALM), (suspended, partner("globex")), int(instant.timestamp() * 1000))
    assert quantity(stored) == 1
    (found,) = (
        q
        for q in stored.reader(REALM).quantities("acme", every_meter(zone="UTC"), *PERIOD)
        if q.meter == "count"
    )
    assert found.excluded == (("suspended", 1),)


def test_a_rebuild_gives_identical_tables(store):
    terms = every_meter()
    stored = prepared(store, terms=terms)
    for number in range(60):
        at = NOW - timedelta(minutes=37 * number)
        send(
            stored,
            usage(number, at=at, session=("s1", "s2", "g1", "x")[number % 4], quantity=number, model="m1"),
        )
        if number % 7 == 0:
            stored.attribute_pending()
    send(stored, *(amend(f"a{n}", n, quantity=1, workspace=f"w{n}") for n in range(0, 60, 5)))
    send(stored, *(void(f"v{n}", n) for n in range(0, 60, 9)))
    stored.attribute_pending()
    before = ledger(store)
    assert before["rollups"]
    assert before["values"]
    assert before["seen"]
    stored.rebuild()
    assert ledger(store) == before


def test_two_services_at_once_keep_each_event_once(store, store_url):
    stored = prepared(store)
    with open_store(store_url) as second_store:
        second = StoredUsage(second_store, source=KnownSubjects())
        assert send(stored, usage(1), usage(2)) == (Receipt.ACCEPTED,) * 2
        assert send(second, usage(2), usage(3)) == (Receipt.DUPLICATE, Receipt.ACCEPTED)
        assert second.attribute_pending() + stored.attribute_pending() == 3
        assert quantity(stored) == quantity(second) == 3


@pytest.mark.parametrize("split", [timedelta(hours=3, minutes=17), timedelta(days=1), timedelta(seconds=1)])
def test_prorated_periods_sum_to_the_whole_period(store, split):
    terms = every_meter()
    stored = prepared(store, terms=terms)
    events = [
        usage(n, at=NOW - timedelta(minutes=53 * n), quantity=n, workspace=f"w{n % 5}", model=f"m{n % 3}")
        for n in range(100)
    ]
    send(stored, *events)
    instant = NOW - split
    reader = stored.reader(REALM)
    whole = reader.quantities("acme", terms, *PERIOD)
    first = reader.quantities("acme", terms, PERIOD[0], instant, whole=PERIOD)
    second = reader.quantities("acme", terms, instant, PERIOD[1], whole=PERIOD)
    for all_of_it, one, other in zip(whole, first, second, strict=True):
        assert all_of_it.events == one.events + other.events
        if all_of_it.meter in ONE_VALUE:
            assert all_of_it.value in {one.value, other.value}
        else:
            assert all_of_it.value == one.value + other.value
