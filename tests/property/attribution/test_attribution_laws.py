"""Any order, any batches, any repeats: the same sessions."""

import random

from hypothesis import given
from hypothesis import strategies as st

from builders.events import APP, MINUTE, REALM, T0, event, login, logout, refresh, registry, version
from builders.partners import partner
from partnergate.attribution.concluding import conclude
from partnergate.attribution.outcome import Exclusion
from partnergate.attribution.session_state import join, state_of, states_of
from partnergate.events.pseudonymization import reduced
from partnergate.model.partner import Stage


class PlainPeople:
    def subject(self, person):
        return f"{person.alias}/{person.subject}"

    def email_key(self, alias, email):
        return f"{alias}/{email}"


TIMES = st.integers(T0, T0 + 5)
SESSIONS = st.sampled_from(["s1", "s2"])
USERS = st.sampled_from(["u1", "u2", None])
CLIENTS = st.sampled_from([APP, "account", "host-reports", None])
ALIASES = st.sampled_from(["acme", "globex", "stranger", None])


@st.composite
def histories(draw):
    found = []
    for n in range(draw(st.integers(0, 12))):
        common = {
            "session": draw(SESSIONS),
            "user": draw(USERS),
            "client": draw(CLIENTS),
            "event_id": f"e{n}",
        }
        kind = draw(st.integers(0, 5))
        at = draw(TIMES)
        match kind:
            case 0 | 1:
                found.append(
                    login(at, alias=draw(ALIASES), subject=draw(st.sampled_from(["ada", "bob"])), **common)
                )
            case 2:
                found.append(logout(at, **common))
            case 3:
                found.append(
                    refresh(at, refresh_token_type=draw(st.sampled_from(["Refresh", "Offline"])), **common)
                )
            case 4:
                found.append(event("USER_SESSION_DELETED", at, reason="user_session_expired", **common))
            case _:
                found.append(
                    event(
                        draw(st.sampled_from(["IMPERSONATE", "CODE_TO_TOKEN", "TOKEN_EXCHANGE"])),
                        at,
                        **common,
                    )
                )
    return [reduced(REALM, e, T0, PlainPeople()) for e in found]


@given(histories(), st.randoms())
def test_the_order_of_events_is_irrelevant(events, chance):
    shuffled = list(events)
    chance.shuffle(shuffled)
    assert states_of(events) == states_of(shuffled)


@given(histories(), st.integers(0, 12), st.integers(0, 12))
def test_overlapping_batches_merge_to_the_complete_state(events, start, end):
    whole = states_of(events)
    joined = {}
    for part in (events[start:], events[:end], events[: max(start, end)], events[end:]):
        for session, state in states_of(part).items():
            joined[session] = join(joined[session], state) if session in joined else state
    assert joined == whole


@given(histories())
def test_joining_is_commutative_and_idempotent(events):
    states = [state_of(e) for e in events]
    for one in states:
        assert join(one, one) == one
        for other in states:
            assert join(one, other) == join(other, one)


@given(histories())
def test_every_session_is_one_partners_or_has_one_reason(events):
    for state in states_of(events).values():
        found = conclude(state, registry())
        assert (found.partner is None) != (found.reason is None)
        assert found.partner is not None or found.excluded is None


@given(histories(), st.integers(-3, 8))
def test_a_suspension_changes_nothing_before_its_instant(events, offset):
    before = registry()
    after = registry(
        version(partner("acme")),
        version(partner("globex")),
        version(partner("acme", stage=Stage.SUSPENDED), T0 + offset, recorded_ms=1),
    )
    for state in states_of(events).values():
        was, now = conclude(state, before), conclude(state, after)
        assert (was.partner, was.reason, was.started_ms) == (now.partner, now.reason, now.started_ms)
        if now.partner == "acme":
            assert (now.excluded is Exclusion.SUSPENDED) == (now.started_ms >= T0 + offset)


def test_the_laws_see_every_kind_of_ending():
    chance = random.Random(1)
    events = [
        reduced(REALM, e, T0, PlainPeople())
        for e in (login(T0), logout(T0 + MINUTE), logout(T0 + 1, event_id="x"))
    ]
    chance.shuffle(events)
    assert states_of(events)["s1"].end_ms == T0 + 1
