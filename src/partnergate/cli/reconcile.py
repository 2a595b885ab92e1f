"""``partnergate reconcile``: the partner's own CSV beside the host's records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from partnergate.cli.statement_access import store_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from partnergate.cli.statement_access import StatementAccess, Where
    from partnergate.spec.agreement import Charge
    from partnergate.statements.drafting import Account
    from partnergate.statements.model import Statement, StatementLine
    from partnergate.statements.reconciliation.mapping import ColumnMapping
    from partnergate.statements.reconciliation.model import Frame, HostRecord, Reconciliation

_REACH = timedelta(days=2)
_FORMATS = ("text", "html", "csv", "json")
_ZONES = (
    "UTC", "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles",
    "America/Sao_Paulo", "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney",
)  # fmt: skip


@click.command(name="reconcile")
@click.argument("partner")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--period", metavar="MONTH|DAY", required=True, help="2026-10, or a day in the period.")
@click.option("--line", help="The line to compare, by name; needed where several lines are metered.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Which column is what."
)
@click.option("--save-mapping", type=click.Path(dir_okay=False, path_type=Path), help="Keep the guess here.")
@click.option("--only-mapping", is_flag=True, help="Show and save the guess, compare nothing.")
@click.option("--format", "kind", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file; else standard output.")
@store_options
def command(
    partner: str,
    file: Path,
    *,
    period: str,
    line: str | None,
    mapping: Path | None,
    save_mapping: Path | None,
    only_mapping: bool,
    kind: str,
    out: Path | None,
    where: Where,
) -> None:
    """Compare FILE, the own records of PARTNER, with what the statement of a period counts.

    The file is a CSV with any column names. Which column is the time, the user, the session, the
    record's id, the quantity and the amount, and in which zone times are, is guessed and shown first;
    keep the guess with --save-mapping, mend it, and give it with --mapping.
    """
    from partnergate.cli.statement_access import chosen_period, now, open_statements
    from partnergate.statements.drafting import draft
    from partnergate.statements.reconciliation.mapping import guessed, mapping_json, mapping_of
    from partnergate.statements.reconciliation.reading import csv_rows

    head, rows = csv_rows(file.read_bytes())
    with open_statements(where) as access:
        account = access.account(partner)
        chosen = chosen_period(account, period, now())
        statement = draft(access.facts, account, chosen, now=now()).statement
        side = _host_side(access, account, statement, line)
        if mapping is not None:
            read = mapping_of(mapping.read_text(encoding="utf-8"), head)
        else:
            zones = (statement.period.time_zone, *_ZONES)
            read = guessed(head, rows, zones=zones, score=lambda m: side.score(rows, m))
            click.echo("guessed (keep it with --save-mapping, mend it, give it with --mapping):", err=True)
            click.echo(mapping_json(read), nl=False, err=True)
        if save_mapping is not None:
            save_mapping.write_text(mapping_json(read), encoding="utf-8")
            click.echo(f"wrote {save_mapping}", err=True)
        if only_mapping:
            return
        result = side.reconcile(rows, read)
    _show(result, read, side, kind, out)


@dataclass(slots=True, kw_only=True)
class _HostSide:
    """What the host has for one line."""

    statement: Statement
    line: StatementLine
    records: tuple[HostRecord, ...]
    keys: dict[str, str | None]
    access: StatementAccess
    aliases: tuple[str, ...]

    def key_of(self, user: str) -> str | None:
        from partnergate.store.statements_records import StoredRecords

        if user not in self.keys:
            realm = self.access.workspace.realm.realm
            self.keys[user] = StoredRecords(self.access.store, realm).key_of(self.aliases, user)
        return self.keys[user]

    def score(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> int:
        """How many of the first rows have a record of the same user, session or id at the same time."""
        from partnergate.statements.reconciliation.reading import partner_records

        known = {
            (name, r.time.replace(microsecond=0))
            for r in self.records
            for name in (r.user, r.session, r.id)
            if name
        }
        return sum(
            (name, p.time.replace(microsecond=0)) in known
            for p in partner_records(rows[:300], mapping, key_of=self.key_of)
            if p.time is not None
            for name in {p.user, p.id} - {""}
        )

    def frame(self, mapping: ColumnMapping) -> Frame:
        from partnergate.rating.money import minor_unit
        from partnergate.spec.local_day import first_instant
        from partnergate.statements.reconciliation.model import Frame

        period = self.statement.period
        return Frame(
            start=period.start,
            end=period.end,
            partner_start=first_instant(period.first_day, mapping.zone),
            partner_end=first_instant(period.last_day + timedelta(days=1), mapping.zone),
            unit=minor_unit(self.statement.currency),
            unit_price=unit_price(self.line),
        )

    def reconcile(self, rows: Sequence[Mapping[str, str]], mapping: ColumnMapping) -> Reconciliation:
        from partnergate.statements.reconciliation.classifying import reconcile
        from partnergate.statements.reconciliation.reading import partner_records

        return reconcile(
            partner_records(rows, mapping, key_of=self.key_of), self.records, self.frame(mapping)
        )


def _host_side(
    access: StatementAccess, account: Account, statement: Statement, name: str | None
) -> _HostSide:
    from partnergate.store.statements_records import StoredRecords

    line, charge = _chosen_line(statement, name)
    aliases = tuple(p.alias for p in account.partner.providers)
    records = StoredRecords(access.store, access.workspace.realm.realm).of_charge(
        statement.partner,
        charge,
        aliases,
        period=(line.start, line.end),
        reach=(line.start - _REACH, line.end + _REACH),
        final_at=statement.final.at if statement.final else None,
        unit_price=unit_price(line),
    )
    return _HostSide(statement=statement, line=line, records=records, keys={}, access=access, aliases=aliases)


def unit_price(line: StatementLine) -> Decimal:
    """What a unit costs on the line, on average."""
    return round(line.exact / line.quantity, 12) if line.quantity else Decimal(0)


def _chosen_line(statement: Statement, name: str | None) -> tuple[StatementLine, Charge]:
    from partnergate.errors import UsageError

    charges = {c.name: c for c in statement.terms[-1].charges if c.meter is not None}
    lines = [x for x in statement.lines if x.name in charges and x.corrects is None]
    wanted = [x for x in lines if name is None or x.name == name]
    if len(wanted) != 1:
        names = ", ".join(dict.fromkeys(x.name for x in lines))
        raise UsageError("say which line is compared", advice=f"--line, one of: {names}")
    return wanted[0], charges[wanted[0].name]


def _show(
    result: Reconciliation, mapping: ColumnMapping, side: _HostSide, kind: str, out: Path | None
) -> None:
    from dataclasses import fields

    from rich.console import Console

    from partnergate.cli.statement_access import terminal_width
    from partnergate.rendering import statement_reconciliation as rendering

    view = rendering.reconciliation_view(
        result,
        title=f"{side.statement.number}, {side.line.name}, beside the partner's file",
        currency=side.statement.currency,
        mapping=tuple(
            (f.name, str(getattr(mapping, f.name))) for f in fields(mapping) if getattr(mapping, f.name)
        ),
    )
    match kind:
        case "html":
            content = rendering.reconciliation_page(view)
        case "csv":
            content = rendering.reconciliation_csv(result)
        case "json":
            content = rendering.reconciliation_json(result, view)
        case _:
            console = Console(width=terminal_width(), highlight=False)
            with console.capture() as captured:
                console.print(rendering.reconciliation_text(view))
            content = captured.get()
    if out is None:
        click.echo(content, nl=False)
    else:
        out.write_text(content, encoding="utf-8")
        click.echo(f"wrote {out}", err=True)
