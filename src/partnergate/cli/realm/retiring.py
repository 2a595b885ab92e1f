"""Keeps the provider of a retired partner, disabled, until its last statement is finalized."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.cli.options import STORE
from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace

_NO_STORE = f"set {STORE} to check whether its statements are finalized"


def with_retired_kept(
    workspace: Workspace, *, store_url: str | None, now: datetime
) -> tuple[Workspace, tuple[str, ...]]:
    """The workspace to plan for, and a message for each retired partner whose provider is kept.

    A kept provider is planned as that of a suspended partner. A staging environment does not bill,
    so it keeps none.
    """
    billed = [p for p in workspace.partners if p.stage is Stage.RETIRED and p.agreements]
    if not billed or Stage.STAGING in workspace.realm.stages:
        return workspace, ()
    kept: dict[str, str] = (
        {p.partner: _NO_STORE for p in billed}
        if store_url is None
        else dict(_open(billed, workspace, store_url, now))
    )
    partners = tuple(
        replace(p, stage=Stage.SUSPENDED) if p.partner in kept else p for p in workspace.partners
    )
    lines = tuple(
        f"partner {partner} is retired; its provider stays, disabled: {why}" for partner, why in kept.items()
    )
    return replace(workspace, partners=partners), lines


def _open(
    billed: list[PartnerSpec], workspace: Workspace, store_url: str, now: datetime
) -> Iterator[tuple[str, str]]:
    from partnergate.statements.account import Account, next_period
    from partnergate.store.database.opening import open_existing_store
    from partnergate.store.statements.finalized import StoredStatements

    with open_existing_store(store_url) as store:
        statements = StoredStatements(store, workspace.realm.environment)
        for partner in billed:
            account = Account(
                partner=partner,
                chain=statements.chain(partner.partner),
                credits=statements.pending_credits(partner.partner),
            )
            period = next_period(account)
            if period is not None and period.start <= now:
                yield partner.partner, f"its statement from {period.period.first_day} is not finalized"
