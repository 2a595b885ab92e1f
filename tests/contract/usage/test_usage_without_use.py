"""A login without use, and use: both figures are kept beside each other."""

from datetime import timedelta
from decimal import Decimal

from builders.events import REALM
from builders.usage import NOW, PERIOD, every_meter, prepared, usage
from partnergate.store.usage.overview import partner_activity

USERS_BY_USE = every_meter(zone="UTC", by=("usage",))


def test_pitfall_20_who_signed_in_and_who_used_the_product_are_two_figures(store):
    stored = prepared(store, terms=USERS_BY_USE)
    stored.append(REALM, (usage(1),), NOW)
    while stored.attributor.attribute_some():
        pass
    found = stored.reader(REALM).quantities("acme", USERS_BY_USE, *PERIOD)
    figures = {q.meter: q.value for q in found if q.meter in {"users", "logins"}}
    assert figures == {"users": Decimal(1), "logins": Decimal(2)}
    with store.read() as connection:
        span = NOW - timedelta(days=3), NOW + timedelta(days=1)
        (acme, globex) = partner_activity(connection, REALM, *span)
    assert (acme.partner, acme.users, acme.logins, acme.usage_events) == ("acme", 2, 2, 1)
    assert (globex.partner, globex.users, globex.logins, globex.usage_events) == ("globex", 1, 1, 0)
