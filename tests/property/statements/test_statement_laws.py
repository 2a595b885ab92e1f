"""The laws of statements: sums, canonical bytes, corrections, currencies, seals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random  # noqa: TC003 - hypothesis reads the annotation

from hypothesis import given, settings
from hypothesis import strategies as st

from builders.agreements import agreement
from builders.partners import billed_partner
from fakes.statement_facts import MemoryFacts, MemoryLogin
from partnergate.attribution.outcome import Exclusion
from partnergate.metering.usage import SubjectKind, UsageEvent
from partnergate.model.agreement import (
    ActiveUsersMeter,
    Agreement,
    Charge,
    Discount,
    LoginsMeter,
    RevenueShare,
    Tax,
    UsageMeter,
)
from partnergate.pricing.models.flat import Flat
from partnergate.pricing.models.graduated import Graduated
from partnergate.pricing.models.package import Package
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.pricing.models.tiers import Tier
from partnergate.pricing.models.volume import Volume
from partnergate.pricing.rated import LineKind
from partnergate.statements.account import Account, next_period
from partnergate.statements.carried import carried
from partnergate.statements.document import content_of, seal_statement, statement_file, statement_of
from partnergate.statements.draft import draft
from partnergate.statements.finalize import credit_note, live_statements, with_place
from partnergate.statements.rating import rated_again
from partnergate.statements.seal import new_key_pair
from partnergate.statements.statement import AmendmentKind
from partnergate.statements.verify import rate_check, sum_checks, verify_chain, verify_file

KEYS = new_key_pair()
LATER = datetime(2027, 6, 1, tzinfo=UTC)
AMOUNTS = st.decimals("0.001", "500", places=3)
WHOLE = st.integers(1, 900).map(Decimal)


def prices() -> st.SearchStrategy[object]:
    tiers = st.builds(
        lambda bounds, units: tuple(
            Tier(up_to=b, unit=u)
            for b, u in zip([*sorted({Decimal(x) for x in bounds}), None], units, strict=False)
        ),
        st.lists(st.integers(1, 200), min_size=2, max_size=2, unique=True),
        st.lists(AMOUNTS, min_size=3, max_size=3),
    )
    return st.one_of(
        st.builds(PerUnit, unit=AMOUNTS),
        st.builds(Package, size=st.integers(1, 50).map(Decimal), amount=AMOUNTS),
        st.builds(Graduated, tiers=tiers),
        st.builds(Volume, tiers=tiers),
    )


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    currency = draw(st.sampled_from(["USD", "JPY", "KWD"]))
    aggregate = draw(st.sampled_from(["sum", "count"]))
    tasks = UsageMeter(event="task.run", aggregate=aggregate, of="quantity" if aggregate == "sum" else None)
    charges = (
        Charge(name="Platform", price=Flat(amount=draw(WHOLE))),
        Charge(
            name="Tasks", meter=tasks, price=draw(prices()), included=draw(st.integers(0, 20).map(Decimal))
        ),
        Charge(name="People", meter=ActiveUsersMeter(), price=draw(prices())),
        Charge(name="Logins", meter=LoginsMeter(), price=draw(prices())),
    )
    return agreement(
        currency=currency,
        charges=charges,
        minimum=draw(st.none() | WHOLE),
        revenue_share=draw(
            st.none() | st.builds(RevenueShare, partner_percent=st.integers(0, 100).map(Decimal))
        ),
        tax=draw(st.none() | st.just(Tax(name="VAT", percent=Decimal(19)))),
    )


def use(n: int, at: datetime, quantity: int) -> UsageEvent:
    return UsageEvent(
        source="host", id=f"u{n}", type="task.run", time=at, subject_kind=SubjectKind.USER, subject="x",
        data={"quantity": quantity},
    )  # fmt: skip


@st.composite
def facts(draw: st.DrawFn, *, first: int = 0) -> MemoryFacts:
    days = st.integers(0, 700).map(lambda h: datetime(2026, 10, 1, 5, tzinfo=UTC) + timedelta(hours=h))
    found = MemoryFacts(until=LATER)
    for n, (at, quantity) in enumerate(
        draw(st.lists(st.tuples(days, st.integers(0, 40)), max_size=12)), start=first
    ):
        found.usage.append(use(n, at, quantity))
    for n, (at, who) in enumerate(
        draw(st.lists(st.tuples(days, st.integers(0, 4)), max_size=12)), start=first
    ):
        found.logins.append(MemoryLogin(id=f"l{n}", time=at, person=f"p{who}", session=f"s{n}"))
    return found


def finalized(account: Account, known: MemoryFacts) -> Account:
    period = next_period(account)
    assert period is not None
    drafted = draft(known, account, period, now=LATER)
    document = seal_statement(
        with_place(drafted.statement, account.chain, at=LATER, override=None), KEYS.private
    )
    return replace(account, chain=(*account.chain, document))


def upcoming(account: Account, known: MemoryFacts):
    period = next_period(account)
    assert period is not None
    return draft(known, account, period, now=LATER).statement


@settings(max_examples=30, deadline=None)
@given(agreements(), facts())
def test_rule_1_the_total_is_the_sum_of_the_rounded_lines(terms: Agreement, known: MemoryFacts) -> None:
    """Invariants 1, 16 and 18: rounded once, never again; each in whole minor units."""
    statement = upcoming(Account(partner=billed_partner(terms)), known)
    assert statement.total == sum((x.amount for x in statement.lines), Decimal(0))
    assert [c for c in sum_checks(statement) if not c.ok] == []


@settings(max_examples=30, deadline=None)
@given(agreements(), facts(), st.randoms(use_true_random=False))
def test_rule_9_the_same_facts_in_any_order_give_the_same_bytes(
    terms: Agreement, known: MemoryFacts, order: Random
) -> None:
    """Invariants 9 and 12; an event that comes twice is one."""
    account = Account(partner=billed_partner(terms))
    first = content_of(upcoming(account, known))
    order.shuffle(known.usage)
    order.shuffle(known.logins)
    assert content_of(upcoming(account, known)) == first
    assert content_of(statement_of(first)) == first


@settings(max_examples=30, deadline=None)
@given(agreements(), agreements(), facts())
def test_rule_12_terms_that_are_not_in_force_in_the_period_change_nothing(
    terms: Agreement, other: Agreement, known: MemoryFacts
) -> None:
    """Invariant 12: a price from the next period on is not on this statement."""
    alone = Account(partner=billed_partner(replace(terms, until=date(2026, 11, 1))))
    later = replace(other, effective=date(2026, 11, 1), currency=terms.currency)
    both = Account(partner=billed_partner(replace(terms, until=date(2026, 11, 1)), later))
    assert content_of(upcoming(alone, known)) == content_of(upcoming(both, known))


@settings(max_examples=30, deadline=None)
@given(agreements(), facts(), facts(first=100))
def test_rule_11_late_facts_become_one_correction_for_each_line_they_change(
    terms: Agreement, known: MemoryFacts, late: MemoryFacts
) -> None:
    """Invariants 11 and 17: original + correction = re-rated, and the original stays byte for byte."""
    empty = Account(partner=billed_partner(terms))
    account = finalized(empty, known)
    original = account.chain[0]
    known.usage += late.usage
    known.logins += late.logins
    rerated = upcoming(empty, known)
    after = upcoming(account, known)
    corrections = [x for x in after.lines if x.kind is AmendmentKind.CORRECTION]
    assert len({(x.corrects.line, x.name) for x in corrections if x.corrects}) == len(corrections)
    for line in corrections:
        assert line.amount == line.corrects.rerated - line.corrects.original
        assert line.amount
    assert original.statement.total + sum((x.amount for x in corrections), Decimal(0)) == rerated.total
    assert (
        original.statement.share_total + sum((c.amount for c in after.share_corrections), Decimal(0))
        == rerated.share_total
    )
    assert draft(known, account, period_one(account), now=LATER).document == original
    again = upcoming(finalized(account, known), known)
    assert not [x for x in again.lines if x.corrects and x.corrects.statement == original.statement.number]


def period_one(account: Account):
    from partnergate.statements.sealed_terms import period_of

    return period_of(account.chain[0].statement)


@settings(max_examples=20, deadline=None)
@given(agreements(), facts(), st.lists(facts(first=100), min_size=1, max_size=3))
def test_rule_17_a_chain_of_corrections_always_sums_to_what_is_known_now(
    terms: Agreement, known: MemoryFacts, waves: list[MemoryFacts]
) -> None:
    empty = Account(partner=billed_partner(terms))
    account = finalized(empty, known)
    for number, wave in enumerate(waves):
        known.usage += [u._replace(id=f"{u.id}-{number}") for u in wave.usage]
        known.logins += [replace(x, id=f"{x.id}-{number}") for x in wave.logins]
        account = finalized(account, known)
    billed = account.chain[0].statement.total + sum(
        (
            x.amount
            for d in account.chain[1:]
            for x in d.statement.lines
            if x.corrects and x.corrects.statement == account.chain[0].statement.number
        ),
        Decimal(0),
    )
    assert billed == upcoming(empty, known).total
    assert all(c.ok for c in verify_chain([(d.statement, d.content) for d in account.chain]))


@settings(max_examples=20, deadline=None)
@given(agreements(), facts(), facts(first=100))
def test_a_credit_note_takes_back_exactly_what_was_billed(
    terms: Agreement, known: MemoryFacts, late: MemoryFacts
) -> None:
    """The statement, its corrections and the credit note sum to nothing; the period is billed anew, whole."""
    empty = Account(partner=billed_partner(terms))
    account = finalized(empty, known)
    known.usage += late.usage
    account = finalized(account, known)
    original = account.chain[0]
    chain = tuple(d.statement for d in account.chain)
    note = credit_note(original.statement, original.seal.sha256, chain, at=LATER, name="n", reason="r")
    corrected = sum((x.amount for x in chain[1].lines if x.corrects), Decimal(0))
    assert note.total == -(original.statement.total + corrected)
    sealed = seal_statement(with_place(note, account.chain, at=LATER, override=None), KEYS.private)
    account = replace(account, chain=(*account.chain, sealed))
    assert live_statements((*chain, note)) == (chain[1],)
    replacement = upcoming(account, known)
    assert replacement.number == f"{original.statement.number}-2"
    own = [x for x in replacement.lines if not x.corrects]
    assert sum((x.amount for x in own), Decimal(0)) == upcoming(empty, known).total


@settings(max_examples=30, deadline=None)
@given(agreements(), facts(), st.data())
def test_a_file_with_any_changed_byte_is_not_verified(
    terms: Agreement, known: MemoryFacts, data: st.DataObject
) -> None:
    document = finalized(Account(partner=billed_partner(terms)), known).chain[0]
    content = bytearray(statement_file(document.statement, document.seal))
    assert verify_file(bytes(content), KEYS.public).ok
    at = data.draw(st.integers(0, len(content) - 1))
    if chr(content[at]).isspace():
        return
    content[at] = data.draw(st.integers(33, 126).filter(lambda b: b != content[at]))
    assert not verify_file(bytes(content), KEYS.public).ok


@settings(max_examples=30, deadline=None)
@given(agreements(), facts(), st.integers(1, 3))
def test_a_finalized_statement_without_new_records_is_not_rerated(
    terms: Agreement, known: MemoryFacts, months: int
) -> None:
    """Counted, not timed: only the month that late facts reach is rated again, and corrected once."""
    account = Account(partner=billed_partner(terms))
    for _ in range(months):
        account = finalized(account, known)
    again: list[str] = []

    def counting(original, quantities):
        again.append(original.number)
        return rated_again(original, quantities)

    assert carried(known, account, due=LATER, currency=terms.currency, rate_again=counting).lines == ()
    assert again == []
    known.usage.append(use(900, datetime(2026, 10, 9, tzinfo=UTC), 7))
    found = carried(known, account, due=LATER, currency=terms.currency, rate_again=counting)
    assert again == [account.live[0].number]
    keys = [(x.corrects.statement, x.corrects.line, x.name) for x in found.lines if x.corrects]
    assert len(keys) == len(set(keys))


@settings(max_examples=30, deadline=None)
@given(agreements(), facts())
def test_a_statement_rates_again_to_itself_from_its_own_bytes(terms: Agreement, known: MemoryFacts) -> None:
    statement = statement_of(content_of(upcoming(Account(partner=billed_partner(terms)), known)))
    assert rate_check(statement).ok, rate_check(statement).detail


EDGES = [datetime(2026, 10, 1, 4, tzinfo=UTC), datetime(2026, 11, 1, 4, tzinfo=UTC),
         datetime(2026, 12, 1, 5, tzinfo=UTC)]  # fmt: skip
INSTANTS = st.one_of(
    st.integers(0, 91 * 24 * 60).map(lambda m: EDGES[0] + timedelta(minutes=m)),
    st.builds(
        lambda edge, off: max(EDGES[0], edge + timedelta(milliseconds=off)),
        st.sampled_from(EDGES),
        st.integers(-1, 1),
    ),
)


@settings(max_examples=40, deadline=None)
@given(agreements(), st.lists(st.tuples(INSTANTS, st.booleans()), max_size=15))
def test_rule_5_every_fact_is_on_one_statement_or_counted_as_excluded(
    terms: Agreement, logins: list[tuple[datetime, bool]]
) -> None:
    """Logins of three months, on the edges between them too, are on exactly one of their statements."""
    known = MemoryFacts(until=LATER)
    for n, (at, is_test) in enumerate(logins):
        excluded = Exclusion.TEST_USER if is_test else None
        known.logins.append(MemoryLogin(id=f"x{n}", time=at, person="t", session=f"x{n}", excluded=excluded))
    account = Account(partner=billed_partner(terms))
    billed = excluded = 0
    for _ in range(3):
        account = finalized(account, known)
        statement = account.chain[-1].statement
        billed += sum(x.facts.count for x in statement.lines if x.name == "Logins" and x.facts)
        excluded += sum(c.count for c in statement.excluded if c.of == "Logins")
    tests = sum(is_test for _, is_test in logins)
    assert (billed, excluded) == (len(logins) - tests, tests)


@settings(max_examples=40, deadline=None)
@given(agreements(), facts(), st.integers(0, 100), st.none() | AMOUNTS, st.none() | AMOUNTS)
def test_rule_15_a_discount_and_bounds_never_make_a_line_negative(
    terms: Agreement, known: MemoryFacts, percent: int, one: Decimal | None, other: Decimal | None
) -> None:
    """Invariant 15: percent first, then minimum and maximum; all of it off still lists the quantity."""
    low, high = (min(one, other), max(one, other)) if one and other else (None, other)
    charges = tuple(
        replace(c, discount=Discount(percent=Decimal(percent)), minimum=low, maximum=high)
        for c in terms.charges
    )
    plain = upcoming(Account(partner=billed_partner(terms)), known)
    found = upcoming(Account(partner=billed_partner(replace(terms, charges=charges))), known)
    quantities = {x.name: x.quantity for x in plain.lines if x.kind is LineKind.USAGE}
    for line in found.lines:
        assert line.amount >= 0
        if line.kind is LineKind.USAGE:
            assert line.quantity == quantities[line.name]
            assert low is None or line.rated.exact >= low
            assert high is None or line.rated.exact <= high
            if percent == 100 and low is None:
                assert line.amount == 0
    assert all(c.ok for c in (*sum_checks(found), rate_check(found)))
