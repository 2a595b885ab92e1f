"""Meters of logins, sessions and active users for one partner-month with millions of logins.

    scripts/benchmark login_meters [--store sqlite:////var/tmp/logins.db] [--logins N] [--people N]

Each login is followed by a refresh and by usage, so that every rule of active users has data.
Logins and their sessions are written as rows, with the triggers that note their hours; the product counts
the hours. Each result is compared with one computed from all rows, whose time is printed too.
"""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import replace

import sqlalchemy as sa

from filled_store import END, NOW, REALM, REALM_SPEC, START, specs
from meter_query import given_store, timed
from partnergate.metering.meters import (
    active_user_quantity,
    occurrence_quantity,
    occurrence_tallies,
    whole_span,
)
from partnergate.model.agreement import (
    ActiveUserRule,
    ActiveUsersMeter,
    Charge,
    LoginsMeter,
    SessionsMeter,
)
from partnergate.model.instants import to_ms
from partnergate.store.database.bulk import insert_new
from partnergate.store.meters.active_users import logins_between, seen_between, sessions_between
from partnergate.store.meters.login_hours import count_stale_hours
from partnergate.store.usage.ledger import StoredUsage
from partnergate.store.usage.rows import owners
from worlds.statement_store import StoreFiller

WHO = "p000"
EVERY_WAY = ("login", "refresh", "usage")
_PART = 50_000
_LOGIN = ("realm", "event_id", "time_ms", "session_id", "alias", "subject", "user_id", "client_id", "partner")
_REFRESH = ("realm", "session_id", "quarter_ms", "first_ms")
_SEEN = ("owner_no", "quarter", "person", "excluded", "user_id", "first_us")
QUARTER_MS = 900_000
_SESSION = (
    "realm", "session_id", "first_ms", "first_id", "login_ms", "login_id", "login_user", "alias", "subject",
    "clients", "marks", "last_ms", "partner", "started_ms",
)  # fmt: skip


def write_logins(store, logins: int, people: int) -> None:
    """One session per login, evenly over the month."""
    start, length = to_ms(START), to_ms(END) - to_ms(START)
    for begin in range(0, logins, _PART):
        rows, sessions, refreshes, used = [], [], [], []
        for n in range(begin, min(begin + _PART, logins)):
            at, person = start + n * length // logins, n * 7919 % people
            subject, user, event, session = f"{person:032x}", f"user-{person}", f"l{n:09}", f"s{n:09}"
            rows.append((REALM, event, at, session, WHO, subject, user, "host-app", WHO))
            sessions.append(
                (REALM, session, at, event, at, event, user, WHO, subject, "host-app", 0, at, WHO, at)
            )
            refreshes.append((REALM, session, at - at % QUARTER_MS, at + 1))
            used.append((1, at // QUARTER_MS, subject, "", user, at * 1000))
        with store.write(lock="bench") as connection:
            insert_new(connection, "logins", _LOGIN, rows)
            insert_new(connection, "sessions", _SESSION, sessions)
            insert_new(connection, "refreshes", _REFRESH, refreshes)
            insert_new(connection, "usage_seen", _SEEN, used)


def charges():
    price = specs(1)[0].agreements[0].charges[0].price
    meters = {"Active users": ActiveUsersMeter(), "Logins": LoginsMeter(), "Sessions": SessionsMeter()}
    return tuple(Charge(name=name, price=price, meter=meter) for name, meter in meters.items())


def from_rows(store, terms):
    """The same quantities from every row of the month, and the time of each."""
    span, found = whole_span(START, END), {}
    rule, zone = terms.active_user, terms.time_zone
    with store.read() as connection:
        began = time.perf_counter()
        seen = seen_between(connection, REALM, WHO, rule, (START, END))
        users = active_user_quantity("Active users", WHO, seen, span, rule=rule, time_zone=zone)
        found["Active users"] = (users, time.perf_counter() - began)
        for name, between in (("Logins", logins_between), ("Sessions", sessions_between)):
            began = time.perf_counter()
            tallies = occurrence_tallies(between(connection, REALM, WHO, START, END), span)
            found[name] = (occurrence_quantity(name, tallies, span), time.perf_counter() - began)
    return found


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--store", help="sqlite:///FILE or postgresql+psycopg://..., kept for the next run")
    options.add_argument("--logins", type=int, default=3_000_000)
    options.add_argument("--people", type=int, default=20_000)
    options.add_argument("--rounds", type=int, default=15)
    given = options.parse_args()
    with given_store(given.store) as store:
        named = specs(1)
        filler = StoreFiller(store=store, realm=REALM_SPEC, partners=named)
        filler.keep([], read_until=NOW)
        with store.read() as connection:
            known = connection.execute(sa.text("SELECT count(*) FROM logins")).scalar_one()
        if known not in {0, given.logins}:
            raise SystemExit(f"the store has {known:,} logins, not {given.logins:,}; give another one")
        if not known:
            began = time.perf_counter()
            with store.write() as connection:
                owners().number(connection, REALM, WHO)
            write_logins(store, given.logins, given.people)
            print(f"wrote {given.logins:,} logins and sessions in {time.perf_counter() - began:,.0f} s")
        began, cpu = time.perf_counter(), time.process_time()
        while count_stale_hours(store):
            pass
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        if not known:
            print(f"counted the hours in {seconds:,.0f} s, {cpu / given.logins / 4 * 1e6:.1f} us per row")
        measure(store, given, named[0].agreements[0])


def measure(store, given, agreement) -> None:
    reader = StoredUsage(store).reader(REALM, up_to_date=True)
    print(
        f"{store.dialect}: {given.logins:,} logins and sessions of {given.people:,} people in the month; "
        f"load of the machine {os.getloadavg()[0]:.1f}"
    )
    print("| meter, one partner-month | median | slowest | over the rows |\n| --- | --- | --- | --- |")
    for by, days in ((("login",), 1), (("login",), 3), (("refresh",), 1), (("usage",), 1), (EVERY_WAY, 3)):
        terms = replace(agreement, charges=charges(), active_user=ActiveUserRule(by=by, min_days=days))
        expected = from_rows(store, terms)
        for charge in terms.charges if (by, days) == (("login",), 1) else terms.charges[:1]:
            single = replace(terms, charges=(charge,))
            (found,) = reader.quantities(WHO, single, START, END)
            quantity, seconds = expected[charge.name]
            if found != quantity:
                raise SystemExit(f"{charge.name}: {found}, over the rows {quantity}")
            middle, worst, _ = timed(
                lambda asked=single: reader.quantities(WHO, asked, START, END), given.rounds
            )
            name = charge.name if days == 1 else f"{charge.name} on {days} days"
            if isinstance(charge.meter, ActiveUsersMeter):
                name += f" by {', '.join(by)}"
            print(f"| {name} | {middle:.1f} ms | {worst:.1f} ms | {seconds:.1f} s |", flush=True)


if __name__ == "__main__":
    main()
