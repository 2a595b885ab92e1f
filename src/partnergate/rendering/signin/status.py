"""The onboarding status of partners, as text for a terminal and as JSON."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table
from rich.text import Text

from partnergate.model.partner import Stage
from partnergate.rendering.plain_text import cell
from partnergate.safe_text import json_text
from partnergate.signin.onboarding import StepState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.signin.onboarding import PartnerStatus

_STYLES: Final = {
    StepState.DONE: "green",
    StepState.DUE: "",
    StepState.OVERDUE: "bold red",
    StepState.OPEN: "dim",
}


def status_table(partners: Iterable[PartnerStatus]) -> Table:
    """One row per partner: its stage, its next step, the owner of the step, and whether it is overdue."""
    table = Table("partner", "stage", "next step", "owner", "due", "reason", box=None, pad_edge=False)
    table.header_style = "bold"
    for partner in partners:
        step = partner.next_step
        if step is None:
            word = (
                Text("none", style="dim")
                if partner.stage is Stage.RETIRED
                else Text("complete", style="green")
            )
            table.add_row(partner.partner, partner.stage, word, "", "", "")
            continue
        late = " (overdue)" if step.state is StepState.OVERDUE else ""
        due = Text((step.due.isoformat() if step.due else "not agreed") + late, style=_STYLES[step.state])
        explanation = cell(step.explanation)
        table.add_row(partner.partner, partner.stage, step.title, cell(step.owner), due, explanation)
    return table


def status_steps(partner: PartnerStatus) -> Table:
    """One row per step of one partner."""
    table = Table("step", "state", "owner", "due", "reason", box=None, pad_edge=False, header_style="bold")
    for step in partner.steps:
        state = Text(step.state.value, style=_STYLES[step.state])
        due = step.due.isoformat() if step.due else ""
        table.add_row(step.title, state, cell(step.owner), due, cell(step.explanation))
    return table


def status_json(partners: Iterable[PartnerStatus]) -> str:
    """``{"format_version": 1, "partners": [...]}``, dates as ISO 8601."""
    content: dict[str, Any] = {
        "format_version": 1,
        "partners": [
            dataclasses.asdict(p) | {"next_step": p.next_step.step if p.next_step else None} for p in partners
        ],
    }
    return json_text(content, default=str)
