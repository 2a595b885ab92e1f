"""The result of a test login, as text for a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table
from rich.text import Text

from partnergate.model.instants import instant_text
from partnergate.rendering.plain_text import cell
from partnergate.safe_text import json_text
from partnergate.signin.failure_reasons import EXPLANATIONS
from partnergate.signin.login_test import RECEIVED

if TYPE_CHECKING:
    from rich.console import RenderableType

    from partnergate.signin.login_test import LoginTest


def trial_text(trial: LoginTest) -> Group:
    """Verdict, reason and advice first; then the requests, the received claims and the resulting user."""
    parts: list[RenderableType] = [_verdict(trial)]
    if trial.reason is not None:
        explanation = EXPLANATIONS[trial.reason]
        parts += [Text(f"\n{explanation.text}"), Text(f"-> {explanation.advice}", style="italic")]
    if trial.details:
        parts += [Text("\nDetails", style="bold"), *(cell(f"  {line}") for line in trial.details)]
    parts += [Text("\nRequests", style="bold"), _hops(trial)]
    if trial.arrived is not None:
        parts += [Text("\nReceived claims or attributes (values masked)", style="bold"), _arrived(trial)]
    if trial.mapped:
        parts += [Text("\nResulting user at the host", style="bold"), _mapped(trial)]
    return Group(*parts)


def _verdict(trial: LoginTest) -> Text:
    word = Text("passed", style="bold green") if trial.passed else Text("FAILED", style="bold red")
    line = Text.assemble(word, f": test login of {trial.alias} in {trial.environment}")
    if trial.reason is not None:
        line.append(f" ({trial.reason.value})")
    return line


def _hops(trial: LoginTest) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(justify="right")
    for column in ("method", "status", "what"):
        table.add_column(column, no_wrap=True)
    table.add_column("url", overflow="fold")
    for number, hop in enumerate(trial.hops, start=1):
        table.add_row(str(number), cell(hop.method), str(hop.status), cell(hop.what), cell(hop.url))
    return table


def _arrived(trial: LoginTest) -> Table:
    table = Table("name", "value", box=None, pad_edge=False, header_style="bold")
    for claim in trial.arrived or ():
        table.add_row(cell(claim.name), cell(claim.value or "(empty)"))
    return table


def _mapped(trial: LoginTest) -> Table:
    table = Table("field", "claim", "received", "result", box=None, pad_edge=False, header_style="bold")
    for row in trial.mapped:
        result = cell(row.result or "(not set)")
        table.add_row(cell(row.field), cell(row.claim), RECEIVED[row.arrived], result)
    return table


def trial_json(trial: LoginTest) -> str:
    """``{"format_version": 1, "passed": ..., "reason": ..., ...}``, with masked values."""
    content: dict[str, Any] = {"format_version": 1} | dataclasses.asdict(trial)
    content["at"] = instant_text(trial.at)
    if trial.reason is not None:
        explanation = EXPLANATIONS[trial.reason]
        content |= {"text": explanation.text, "advice": explanation.advice}
    return json_text(content, default=str)
