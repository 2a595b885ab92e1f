"""Loads the account of a partner and the billable records of its realm for the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from partnergate.model.partner import PartnerId
from partnergate.service.problems import not_found
from partnergate.statements.account import Account
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.finalized import StoredStatements

if TYPE_CHECKING:
    from partnergate.service.deps import ServiceDeps


def account_of(deps: ServiceDeps, partner: str) -> Account:
    """Return the partner's most recently recorded terms and its finalized statements."""
    spec = deps.usage.partners(deps.realm).get(PartnerId(partner))
    if spec is None:
        raise not_found()
    kept = StoredStatements(deps.store, deps.environment)
    return Account(partner=spec, chain=kept.chain(partner), credits=kept.pending_credits(partner))


def facts_of(deps: ServiceDeps) -> StoredFacts:
    """Return the billable records of the realm."""
    return StoredFacts(deps.store, deps.realm, deps.usage)
