"""``partnergate statement diff``: compares the last statements with the newest terms in the files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from partnergate.cli.clock import now
from partnergate.cli.command import Command
from partnergate.cli.options import format_option
from partnergate.cli.statement.access import store_options
from partnergate.safe_text import json_text

if TYPE_CHECKING:
    from datetime import datetime

    from partnergate.cli.statement.access import StatementAccess, Where
    from partnergate.statements.compare import Comparison
    from partnergate.statements.finalized_terms import ChangedTerms

_LAST = 3
_FORMATS = ("text", "markdown", "json")


@click.command(name="diff", cls=Command)
@click.argument("partner", required=False)
@click.option("--all", "every", is_flag=True, help="Compare the statements of every partner.")
@click.option(
    "--last",
    type=click.IntRange(1, 36),
    default=_LAST,
    show_default=True,
    help="Number of statements to compare.",
)
@format_option(*_FORMATS)
@store_options
def command(partner: str | None, *, every: bool, last: int, kind: str, where: Where) -> None:
    """Compare the last statements of PARTNER with what the newest terms in the files would bill.

    Nothing is stored, and a finalized statement keeps its terms. If fewer statements are finalized
    than --last, drafts with the terms that the service recorded last are compared too.
    """
    from partnergate.cli.statement.access import open_statements, partners_named, warn_touched
    from partnergate.statements.finalized_terms import touched

    found: list[Comparison] = []
    touching: list[ChangedTerms] = []
    with open_statements(where) as access:
        for name in partners_named(access, partner, every=every):
            found += _compared(access, name, last, now())
            warn_touched(access.account(name))
            touching += touched(access.account(name))
    click.echo({"json": _json, "markdown": _markdown}.get(kind, _text)(found), nl=False)
    if kind == "markdown" and touching:
        click.echo("\n**The files change a finalized period**, which keeps its terms:\n")
        click.echo("\n".join(f"- `{one.place}`: {one.words()}" for one in touching))


def _compared(access: StatementAccess, partner: str, last: int, at: datetime) -> list[Comparison]:
    from dataclasses import replace

    from partnergate.model.days import local_date
    from partnergate.pricing.rate import rate
    from partnergate.pricing.rated import AgreementVersion
    from partnergate.statements.account import Account, unfinished_periods
    from partnergate.statements.compare import compared, other_currency
    from partnergate.statements.draft import draft
    from partnergate.statements.rating import measured
    from partnergate.statements.sealed_terms import pauses_of, period_of

    account = access.account(partner)
    statements = [*account.live]
    recorded = access.recorded_account(account)
    waiting = unfinished_periods(recorded, at)[: max(0, last - len(statements))]
    statements += [draft(access.facts, recorded, period, now=at).statement for period in waiting]
    newest = max(account.partner.agreements, key=lambda a: a.effective)
    found = []
    for statement in statements[-last:]:
        period = period_of(statement)
        if newest.currency != statement.currency:
            found.append(other_currency(statement, newest.currency))
            continue
        day = local_date(period.start, newest.time_zone)
        terms = replace(
            newest,
            effective=day,
            until=None,
            time_zone=statement.period.time_zone,
            cycle=statement.terms[-1].cycle,
        )
        version = AgreementVersion(agreement=terms, file=str(account.partner.source.path))
        other = Account(partner=replace(account.partner, agreements=(terms,)))
        segments = (replace(period.segments[0], start=period.start, end=period.end, version=version),)
        pauses = pauses_of(statement)
        quantities = measured(access.facts, other, replace(period, segments=segments), pauses=pauses)
        found.append(compared(statement, rate([version], quantities, period.period, pauses=pauses)))
    return found


def _text(found: list[Comparison]) -> str:
    lines = []
    for one in found:
        state = "finalized, keeps its terms" if one.is_final else "draft"
        if one.new_currency:
            lines.append(f"{one.number} ({state}): {_currency_words(one)}")
            continue
        lines.append(
            f"{one.number} ({state}): {one.before} -> {one.after} {one.currency} "
            f"({_signed(one.after - one.before)})"
        )
        lines += [
            f"  {c.name}: {_or_none(c.before)} -> {_or_none(c.after)} ({_signed(c.difference)})"
            for c in one.lines
            if c.difference or c.before is None or c.after is None
        ]
        if one.share_before != one.share_after:
            lines.append(f"  owed to the partner: {one.share_before} -> {one.share_after}")
    return "\n".join(lines or ["no statement to compare"]) + "\n"


def _markdown(found: list[Comparison]) -> str:
    lines = ["### What the agreement would do to the last statements", ""]
    if not found:
        return "\n".join([*lines, "There is no statement to compare.", ""])
    lines += [
        "| statement | state | line | now | then | difference |",
        "| --- | --- | --- | ---: | ---: | ---: |",
    ]
    for one in found:
        state = "finalized" if one.is_final else "draft"
        if one.new_currency:
            lines.append(f"| {one.number} | {state} | {_currency_words(one)} | {one.before} | | |")
            continue
        for c in one.lines:
            name = c.name.replace("|", "\\|")
            lines.append(
                f"| {one.number} | {state} | {name} | {_or_none(c.before)} | {_or_none(c.after)} "
                f"| {_signed(c.difference)} |"
            )
        lines.append(
            f"| {one.number} | {state} | **total ({one.currency})** | {one.before} | {one.after} "
            f"| {_signed(one.after - one.before)} |"
        )
    return "\n".join([*lines, "", "A finalized statement keeps its terms; nothing here changes it.", ""])


def _json(found: list[Comparison]) -> str:
    value: list[dict[str, Any]] = [
        {
            "statement": one.number,
            "final": one.is_final,
            "currency": one.currency,
            "new_currency": one.new_currency or None,
            "before": str(one.before),
            "after": None if one.new_currency else str(one.after),
            "share_before": str(one.share_before),
            "share_after": None if one.new_currency else str(one.share_after),
            "lines": [
                {"name": c.name, "before": _or_null(c.before), "after": _or_null(c.after)} for c in one.lines
            ],
        }
        for one in found
    ]
    return json_text(value) + "\n"


def _currency_words(one: Comparison) -> str:
    return f"not compared: the statement is in {one.currency}, the newest terms are in {one.new_currency}"


def _signed(amount: Any) -> str:
    return f"{amount:+}"


def _or_none(amount: Any) -> str:
    return "none" if amount is None else str(amount)


def _or_null(amount: Any) -> str | None:
    return None if amount is None else str(amount)
