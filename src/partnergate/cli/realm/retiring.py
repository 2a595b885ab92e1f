"""A retired partner's provider goes when no statement of it is open; until then it stays, switched off."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace

STORE = "PARTNERGATE_STORE"
_NO_STORE = f"nobody said where its statements are ({STORE})"


def with_retired_held(
    workspace: Workspace, *, store_url: str | None, now: datetime
) -> tuple[Workspace, tuple[str, ...]]:
    """The workspace to plan for, and a line for each retired partner that is kept.

    A kept one is planned as suspended. An environment for tests bills nobody, so it keeps nobody.
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
        f"{partner} is retired and keeps its provider, switched off: {why}" for partner, why in kept.items()
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
                yield partner.partner, f"its statement from {period.period.first_day} is open"
