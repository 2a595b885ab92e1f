"""The partners that a command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.partner import PartnerSpec
    from partnergate.model.workspace import Workspace


def partner_named(workspace: Workspace, name: str) -> PartnerSpec:
    """The partner of that ID; raises ``UsageError`` for an unknown one."""
    require_partners(workspace, (name,))
    return next(p for p in workspace.partners if p.partner == name)


def require_partners(workspace: Workspace, names: Iterable[str]) -> None:
    """Raise one ``UsageError`` for all names that are not partners of the workspace."""
    known = sorted(p.partner for p in workspace.partners)
    unknown = sorted(set(names) - set(known))
    if unknown:
        from partnergate.language.shape.suggestion import did_you_mean

        hint = did_you_mean(unknown[0], known) if len(unknown) == 1 else ""
        advice = hint or f"partners: {', '.join(known) or 'none'}"
        raise UsageError(f"unknown partner {', '.join(unknown)}", advice=advice)
