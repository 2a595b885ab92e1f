"""Records of both sides with planted differences: the host's in a real store, the partner's as CSV."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from builders.agreements import agreement
from builders.partners import billed_partner
from partnergate.metering.usage import SubjectKind, UsageAction, UsageEvent
from partnergate.model.agreement import ActiveUsersMeter, Charge, LoginsMeter, UsageMeter
from partnergate.model.days import zone
from partnergate.model.instants import to_ms
from partnergate.model.partner import Stage, TestUsers
from partnergate.pricing.models.per_unit import PerUnit
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.reconciliation.host_side import ZONES, host_side
from partnergate.statements.reconciliation.records import Cause
from partnergate.statements.seal import new_key_pair
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.records import StoredRecords
from worlds.statement_store import StoreFiller, task
from worlds.statement_world import REALM, signing_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.statements.reconciliation.host_side import HostSide
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.store.database.engine import Store

START = datetime(2026, 10, 1, 4, tzinfo=UTC)
END = datetime(2026, 11, 1, 4, tzinfo=UTC)
SUSPENDED = (datetime(2026, 10, 20, 4, tzinfo=UTC), datetime(2026, 10, 23, 4, tzinfo=UTC))
FINAL_AT = datetime(2026, 11, 5, tzinfo=UTC)
CHANGE = datetime(2026, 10, 16, 4, tzinfo=UTC)
PRICES = (Decimal("0.37"), Decimal("0.53"))
USER_PRICE = Decimal("2.00")
KEYS = new_key_pair()

TASK_CAUSES = (
    Cause.TIME_ZONE, Cause.PERIOD_EDGE, Cause.TEST_USER, Cause.SUSPENDED, Cause.LATE, Cause.UNKNOWN_USER,
    Cause.DUPLICATE, Cause.QUANTITY, Cause.ROUNDING, Cause.PRICE, Cause.NOT_COUNTED, Cause.MISSING_AT_HOST,
    Cause.MISSING_AT_PARTNER, Cause.UNREADABLE,
)  # fmt: skip
LOGIN_CAUSES = (
    Cause.TIME_ZONE, Cause.PERIOD_EDGE, Cause.FAILED_LOGIN, Cause.TEST_USER, Cause.SUSPENDED, Cause.LATE,
    Cause.UNKNOWN_USER, Cause.DUPLICATE, Cause.ROUNDING, Cause.PRICE, Cause.MISSING_AT_HOST,
    Cause.MISSING_AT_PARTNER, Cause.UNREADABLE,
)  # fmt: skip
PEOPLE_CAUSES = (Cause.REPEATED_LOGIN, *(c for c in LOGIN_CAUSES if c is not Cause.PERIOD_EDGE))

NAMES = {
    "id": ("id", "Event ID", "reference", "Vorgang"),
    "time": ("time", "Timestamp", "occurred_at", "Zeit", "When"),
    "user": ("user", "User ID", "Mitarbeiter", "member", "Sub"),
    "quantity": ("quantity", "Qty", "Menge", "units"),
    "amount": ("amount", "Betrag", "cost", "Total"),
}
FORMATS = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S", "epoch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """Format of the partner's file."""

    columns: dict[str, str]
    format: str
    zone: str
    comma: bool
    separator: str

    def time(self, at: datetime) -> str:
        """The instant in the partner's format."""
        if self.format == "epoch":
            return str(int(at.timestamp()))
        local = at if self.format.endswith("Z") else at.astimezone(zone(self.zone))
        return f"{local:{self.format}}"

    def number(self, value: Decimal) -> str:
        """The number in the partner's format."""
        text = format(value, "f")
        return text.replace(".", ",") if self.comma else text


def style(random: Random) -> Style:
    """Any file that a partner may send."""
    roles = ["time", "user", "quantity", "amount"] + (["id"] if random.random() < 0.5 else [])
    comma = random.random() < 0.4
    return Style(
        columns={role: random.choice(NAMES[role]) for role in roles},
        format=random.choice(FORMATS),
        zone=random.choice(("America/New_York", *ZONES)),
        comma=comma,
        separator=";" if comma else random.choice(",;\t|"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A billable record of the host, and the row of a partner that agrees with it."""

    id: str
    at: datetime
    person: str
    quantity: Decimal
    amount: Decimal


class StoreWorld:
    """Plants differences. Every record has a user of its own, so that records cannot be confused."""

    def __init__(self, store: Store, seed: int, *, price_change: bool = False) -> None:
        self.random = Random(seed)
        self.store = store
        self.style = style(self.random)
        self.expected: Counter[Cause] = Counter()
        self.amounts: dict[Cause, Decimal] = {}
        self.rows: list[dict[str, str]] = []
        self.logins: list[object] = []
        self.used: list[UsageEvent] = []
        self.late_logins: list[object] = []
        self.late_used: list[UsageEvent] = []
        self.number = 0
        self.price_change = price_change
        self.side: HostSide | None = None
        self.line = "Tasks"
        self.partner = replace(
            signing_in(billed_partner(*self._terms())),
            test_users=(
                TestUsers(since=date(2026, 9, 1), subjects=tuple(f"tester-{n}" for n in range(1, 200))),
            ),
        )
        self.filler = StoreFiller(store=store, realm=REALM, partners=(self.partner,))

    def _terms(self):
        paid = UsageMeter(event="task.run", aggregate="sum", of="quantity", where=(("kind", "paid"),))

        def charges(price: Decimal) -> tuple[Charge, ...]:
            return (
                Charge(name="Tasks", meter=paid, price=PerUnit(unit=price)),
                Charge(name="Logins", meter=LoginsMeter(), price=PerUnit(unit=PRICES[0])),
                Charge(name="People", meter=ActiveUsersMeter(), price=PerUnit(unit=USER_PRICE)),
            )

        first = agreement(charges=charges(PRICES[0]), minimum=None, revenue_share=None)
        if not self.price_change:
            return (first,)
        second = replace(first, effective=date(2026, 10, 16), charges=charges(PRICES[1]), line=70)
        return (replace(first, until=date(2026, 10, 16)), second)

    def plant(self, line: str, plan: Mapping[Cause, int]) -> None:
        """Plant these causes among at least as many records that are equal on both sides."""
        self.line = line
        causes = [cause for cause, number in plan.items() for _ in range(number)]
        causes += [Cause.AGREED] * (len(causes) + 12)
        self.random.shuffle(causes)
        for cause in causes:
            self._plant(cause)
        self.random.shuffle(self.rows)

    def finished(self, line: str) -> HostSide:
        """The finalized statement, the late records after it, and the records of the line."""
        if self.side is not None:
            return self.side
        for stage, at in zip((Stage.SUSPENDED, Stage.LIVE), SUSPENDED, strict=True):
            self.filler.ingest.record_registry(REALM, (replace(self.partner, stage=stage),), to_ms(at))
        early = FINAL_AT - timedelta(hours=1)
        self.filler.keep(self.logins, read_until=early)
        self.filler.use(self.used, received=early)
        account = Account(partner=self.partner)
        facts = StoredFacts(self.store, "host")
        made = draft(facts, account, next_period(account), now=FINAL_AT).statement
        sealed = seal_statement(with_place(made, (), at=FINAL_AT, override=None), KEYS.private)
        after = FINAL_AT + timedelta(hours=1)
        self.filler.keep(self.late_logins, read_until=after)
        self.filler.use(self.late_used, received=after)
        StoredFacts(self.store, "host").attribute_pending()
        account = replace(account, chain=(sealed,))
        self.side = host_side(StoredRecords(self.store, "host"), account, sealed.statement, line)
        return self.side

    def csv(self) -> bytes:
        """The partner's file."""
        into = io.StringIO()
        head = [*self.style.columns.values(), "Notes"]
        writer = csv.DictWriter(into, head, delimiter=self.style.separator)
        writer.writeheader()
        writer.writerows(
            {self.style.columns[k]: v for k, v in row.items()} | {"Notes": ""} for row in self.rows
        )
        return into.getvalue().encode()

    def columns_of(self, mapping: ColumnMapping) -> dict[str, str]:
        """The guessed column names by role."""
        return {role: getattr(mapping, role) for role in NAMES if getattr(mapping, role)}

    def _moment(self) -> datetime:
        """An instant in the period, far from its bounds, the suspension and repeated clock hours."""
        day = self.random.choice([d for d in range(2, 29) if d not in (19, 20, 21, 22, 23, 24, 25, 26)])
        return START + timedelta(
            days=day, minutes=15 * self.random.randrange(80), seconds=self.number * 7 % 840
        )

    def _price(self, at: datetime) -> Decimal:
        if self.line == "People":
            return USER_PRICE
        return PRICES[self.line == "Tasks" and self.price_change and at >= CHANGE]

    def _fact(self, *, at: datetime | None = None, person: str = "person") -> Fact:
        self.number += 1
        moment = at or self._moment()
        quantity = Decimal(self.random.randrange(1, 50)) if self.line == "Tasks" else Decimal(1)
        return Fact(
            id=f"f{self.number}",
            at=moment,
            person=f"{person}-{self.number}",
            quantity=quantity,
            amount=quantity * self._price(moment),
        )

    def _happen(self, fact: Fact, *, kind: str = "paid", late: bool = False) -> None:
        """Record it at the host: a login, and for tasks a usage event in its session."""
        of_use = self.line == "Tasks"
        login = self.filler.login(
            f"login-{fact.id}" if of_use else fact.id,
            fact.at - timedelta(seconds=30) if of_use else fact.at,
            alias="acme",
            subject=fact.person,
            session=f"s-{fact.id}",
        )
        (self.late_logins if late and not of_use else self.logins).append(login)
        if of_use:
            event = task(fact.id, fact.at, fact.quantity, session=f"s-{fact.id}")
            event = event._replace(data={**event.data, "kind": kind})
            (self.late_used if late else self.used).append(event)

    def _row(self, fact: Fact, **changes: object) -> dict[str, str]:
        changed = replace(fact, **changes)  # type: ignore[arg-type]
        cells = {
            "id": changed.id,
            "time": self.style.time(changed.at),
            "user": changed.person,
            "quantity": self.style.number(changed.quantity),
            "amount": self.style.number(changed.amount),
        }
        row = {role: cells[role] for role in self.style.columns}
        self.rows.append(row)
        return row

    def _plant(self, cause: Cause) -> None:
        fact = self._fact()
        billed = (Cause.AGREED, Cause.TIME_ZONE, Cause.DUPLICATE, Cause.QUANTITY, Cause.ROUNDING, Cause.PRICE,
                  Cause.MISSING_AT_PARTNER)  # fmt: skip
        difference = self._billed(cause, fact) if cause in billed else self._unbilled(cause, fact)
        self._expect(cause, difference)

    def _expect(self, cause: Cause, difference: Decimal) -> None:
        self.expected[cause] += 1
        self.amounts[cause] = self.amounts.get(cause, Decimal(0)) + difference

    def _billed(self, cause: Cause, fact: Fact) -> Decimal:
        """A record that the host bills, the partner's row, and the resulting difference."""
        if cause is Cause.AGREED:
            self._agree(fact)
            return Decimal(0)
        self._happen(fact)
        match cause:
            case Cause.TIME_ZONE:
                self._row(fact, at=fact.at + timedelta(minutes=15 * self.random.choice([-20, -4, 3, 8, 22])))
                return Decimal(0)
            case Cause.DUPLICATE:
                self.rows.append(dict(self._row(fact)))
                self._expect(Cause.AGREED, Decimal(0))
                return fact.amount
            case Cause.QUANTITY:
                more = 3 * self._price(fact.at)
                self._row(fact, quantity=fact.quantity + 3, amount=fact.amount + more)
                return more
            case Cause.ROUNDING:
                self._row(fact, amount=fact.amount + Decimal("0.004"))
                return Decimal("0.004")
            case Cause.PRICE:
                self._row(fact, amount=fact.amount * 2)
                return fact.amount
            case _:
                return -fact.amount

    def _unbilled(self, cause: Cause, fact: Fact) -> Decimal:
        """A record that only the partner has, and its amount."""
        match cause:
            case Cause.PERIOD_EDGE:
                edge = max(END, datetime(2026, 11, 1, tzinfo=zone(self.style.zone)))
                fact = self._fact(at=edge.astimezone(UTC) + timedelta(minutes=3, seconds=self.number))
                self._happen(fact)
            case Cause.FAILED_LOGIN:
                self._known(fact)
                failed = self.filler.login(
                    fact.id, fact.at, alias="acme", subject=fact.person, session="", error="access_denied"
                )
                self.logins.append(failed)
            case Cause.REPEATED_LOGIN:
                fact = self._repeat(fact)
            case Cause.TEST_USER:
                fact = replace(fact, person=f"tester-{self.number}")
                self._happen(fact)
            case Cause.SUSPENDED:
                fact = self._fact(
                    at=SUSPENDED[0] + timedelta(hours=30, minutes=self.number % 40, seconds=self.number % 60)
                )
                self._happen(fact)
            case Cause.LATE:
                self._happen(fact, late=True)
            case Cause.UNKNOWN_USER:
                fact = self._unknown(fact)
            case Cause.NOT_COUNTED:
                self._not_counted(fact)
            case _:
                self._known(fact)
        row = self._row(fact)
        if cause is Cause.UNREADABLE:
            row["time"] = "yesterday"
        return fact.amount

    def _agree(self, fact: Fact) -> None:
        """The record unchanged or, for some usage, amended before the statement was finalized."""
        self._row(fact)
        if self.line != "Tasks" or self.random.random() < 0.7:
            self._happen(fact)
            return
        self._happen(replace(fact, quantity=fact.quantity + 11))
        self.used.append(_correction(fact, UsageAction.AMEND, {"quantity": fact.quantity, "kind": "paid"}))

    def _not_counted(self, fact: Fact) -> None:
        """A record of another kind, or one voided before the statement was finalized."""
        if self.random.random() < 0.5:
            self._happen(fact, kind="free")
        else:
            self._happen(fact)
            self.used.append(_correction(fact, UsageAction.VOID, {}))

    def _unknown(self, fact: Fact) -> Fact:
        """A user who never logged in or, if the partner has our ids, usage of an unknown session."""
        if "id" in self.style.columns and self.line == "Tasks" and self.random.random() < 0.5:
            event = task(fact.id, fact.at, fact.quantity, session=f"ghost-session-{self.number}")
            self.used.append(event._replace(data={**event.data, "kind": "paid"}))
        return replace(fact, person=f"ghost-{self.number}")

    def _repeat(self, fact: Fact) -> Fact:
        """The same user again, later; both sides agree about the first time."""
        self._happen(fact)
        self._row(fact)
        self._expect(Cause.AGREED, Decimal(0))
        again = replace(fact, id=f"{fact.id}-again", at=fact.at + timedelta(minutes=7, seconds=11))
        self._happen(again)
        return again

    def _known(self, fact: Fact) -> None:
        """A user of September, whose name the host therefore knows."""
        self.logins.append(
            self.filler.login(
                f"before-{fact.id}",
                START - timedelta(days=20),
                alias="acme",
                subject=fact.person,
                session=f"before-{fact.id}",
            )
        )


def _correction(fact: Fact, action: UsageAction, data: dict[str, object]) -> UsageEvent:
    return UsageEvent(
        source="host/tasks",
        id=f"{fact.id}-{action.value}",
        type="task.run",
        time=fact.at + timedelta(hours=1),
        subject_kind=SubjectKind.NONE,
        subject="",
        data=data,  # type: ignore[arg-type]
        action=action,
        target=fact.id,
    )
