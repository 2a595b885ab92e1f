"""Launch counts beside sessions and refusals: added up by hour, by partner, for a span."""

from datetime import UTC, datetime, timedelta

from builders.events import REALM, event, login
from partnergate.model.instants import to_ms
from partnergate.store.sessions.attempts import NO_PARTNER, add_launches, sign_in_attempts

AT = datetime(2026, 10, 5, 12, 30, tzinfo=UTC)
ALIASES = {"acme": "acme", "globex-eu": "globex"}


def add(store, counts, *, at=AT, realm=REALM):
    with store.write() as connection:
        add_launches(connection, realm, at, counts)


def ask(store, start=AT - timedelta(days=1), end=AT + timedelta(days=1)):
    with store.read() as connection:
        return sign_in_attempts(connection, REALM, start, end, aliases=ALIASES)


def refusal(at=AT, alias=None, error="identity_provider_login_failure"):
    details = {} if alias is None else {"identity_provider": alias}
    return event(
        "IDENTITY_PROVIDER_LOGIN_ERROR",
        to_ms(at),
        event_id=f"{alias} {at}",
        session=None,
        error=error,
        **details,
    )


def test_counts_of_an_hour_are_added_up(store):
    for _ in range(3):
        add(store, {("acme", "started"): 2, ("acme", "suspended"): 1})
    add(store, {("acme", "started"): 1}, at=AT + timedelta(hours=1))
    add(store, {("acme", "started"): 40}, realm="another")
    (acme,) = ask(store)
    assert (acme.partner, acme.launches) == ("acme", (("started", 7), ("suspended", 3)))
    with store.read() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM launch_counts").scalar() == 4


def test_nothing_to_add_writes_nothing(store):
    add(store, {})
    assert ask(store) == ()


def test_the_span_is_half_open_and_launches_count_by_whole_hours(store):
    add(store, {("acme", "started"): 1})
    hour = AT.replace(minute=0)
    assert ask(store, start=AT) != ()
    assert ask(store, start=hour + timedelta(hours=1)) == ()
    assert ask(store, end=hour) == ()


def test_sessions_and_named_refusals_go_to_their_partner(store, ingest):
    ingest.keep(
        REALM,
        (login(to_ms(AT)), refusal(alias="globex-eu"), refusal(), refusal(alias="no-such-alias", error="x")),
        seen_ms=to_ms(AT),
        advance=None,
    )
    add(store, {("acme", "sent_to_sign_in"): 3, (NO_PARTNER, "unknown_partner"): 1})
    acme, globex, unattributed = ask(store)
    assert (acme.partner, acme.launches, acme.sessions) == ("acme", (("sent_to_sign_in", 3),), 1)
    kind, failed = "IDENTITY_PROVIDER_LOGIN_ERROR", "identity_provider_login_failure"
    assert (globex.partner, globex.sessions, globex.refused) == ("globex", 0, ((kind, failed, 1),))
    assert (unattributed.partner, unattributed.launches) == (NO_PARTNER, (("unknown_partner", 1),))
    assert unattributed.refused == ((kind, failed, 1), (kind, "x", 1))


def test_an_unknown_alias_has_no_row_of_its_own(store, ingest):
    """Anybody can write an alias into an address, and the realm records it."""
    ingest.keep(
        REALM,
        [refusal(at=AT + timedelta(seconds=n), alias=f"made-up-{n}") for n in range(5)],
        seen_ms=to_ms(AT),
        advance=None,
    )
    (unattributed,) = ask(store)
    assert (unattributed.partner, [n for *_, n in unattributed.refused]) == (NO_PARTNER, [5])
