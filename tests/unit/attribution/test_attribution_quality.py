"""Counts of missing and malformed fields in a partner's identity data."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from partnergate.attribution.quality import (
    FieldState,
    ObservedLogin,
    email_state,
    identity_quality,
    jumps,
    name_state,
)

PRESENT, MISSING, MALFORMED = FieldState.PRESENT, FieldState.MISSING, FieldState.MALFORMED


def seen(subject="ada", **changes):
    values = {
        "time": datetime(2026, 10, 5, tzinfo=UTC), "day": date(2026, 10, 5), "subject": subject,
        "first_name": PRESENT, "last_name": PRESENT, "email": PRESENT, "email_domain": "acme.test", "email_key": subject,
    }  # fmt: skip
    return ObservedLogin(**(values | changes))


@pytest.mark.parametrize(
    ("name", "state"),
    [("Ada", PRESENT), ("O'Brien-李", PRESENT), (None, MISSING), ("  ", MISSING), ("42", MALFORMED),
     ("ada@acme.test", MALFORMED), ("A\nB", MALFORMED), ("x" * 201, MALFORMED)],
)  # fmt: skip
def test_a_name_has_letters_and_is_no_address(name, state):
    assert name_state(name) is state


def test_an_address_needs_a_domain_with_a_dot():
    assert [email_state(*given) for given in (("a@b.test", "b.test"), (None, None), ("a", None), ("a@b", "b"))] == [
        PRESENT, MISSING, MALFORMED, MALFORMED,
    ]  # fmt: skip


def test_missing_fields_are_counted_by_field():
    found = identity_quality(
        "acme", [seen(), seen(first_name=MISSING), seen(last_name=MALFORMED, email=MISSING)]
    )
    assert (found.logins, found.observed) == (3, 3)
    assert (found.missing_first_name, found.malformed_names, found.missing_email) == (1, 1, 1)


def test_logins_without_a_profile_do_not_count_as_complete():
    found = identity_quality("acme", [seen(email=None, first_name=None, last_name=None)])
    assert (found.logins, found.observed, found.missing_email) == (1, 0, 0)


def test_addresses_outside_the_agreed_domains_are_counted_only_where_some_are_agreed():
    logins = [seen(), seen(email_domain="other.test")]
    assert identity_quality("acme", logins, agreed_domains=("acme.test",)).outside_domains == 1
    assert identity_quality("acme", logins).outside_domains == 0


def test_pitfall_15_one_address_with_two_subjects_is_a_changed_identifier():
    assert (
        identity_quality(
            "acme", [seen("a", email_key="k"), seen("b", email_key="k"), seen("c")]
        ).shared_emails
        == 1
    )


def test_pitfall_15_a_jump_of_new_subjects_is_named_with_its_day():
    days = [date(2026, 10, d) for d in range(1, 6)]
    assert jumps(Counter({days[0]: 4, days[1]: 4, days[2]: 4, days[4]: 10}), days) == ((days[4], 10),)
    assert jumps(Counter({days[0]: 100, days[1]: 100}), days) == ()
    assert jumps(Counter({days[0]: 1, days[1]: 9}), days) == ()
