"""The sign-in pages: the number of sessions and failed attempts, with reasons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Response

from partnergate.model.partner import PartnerId
from partnergate.service.access import Need, needs
from partnergate.service.portal.pages import page
from partnergate.service.problems import not_found
from partnergate.signin.attempts import LaunchOutcome, PartnerAttempts, partner_attempts
from partnergate.store.sessions.attempts import NO_PARTNER, AttemptCounts, sign_in_attempts

if TYPE_CHECKING:
    from partnergate.model.partner import PartnerSpec
    from partnergate.service.deps import ServiceDeps

WINDOW: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsRow:
    """The attempts of one partner, or of no known partner."""

    partner: str
    name: str
    attempts: PartnerAttempts


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsView:
    """The view of ``attempts.html``."""

    environment: str
    title: str
    partner: str
    """The partner of the page; empty on the operator's page."""
    since: str
    until: str
    rows: tuple[AttemptsRow, ...]


def attempts_routes(deps: ServiceDeps) -> APIRouter:
    """Return ``/attempts`` for operators and ``/partners/{partner}/attempts`` for one partner."""
    router = APIRouter(include_in_schema=False, route_class=deps.work.pages.route_class())

    @router.get("/attempts", dependencies=[needs(Need.OPERATOR)])
    def all_partners() -> Response:
        return page("attempts.html", attempts_view(deps, deps.clock()))

    @router.get("/partners/{partner}/attempts", dependencies=[needs(Need.PARTNER)])
    def one_partner(partner: str) -> Response:
        return page("attempts.html", attempts_view(deps, deps.clock(), only=partner))

    return router


def attempts_view(deps: ServiceDeps, now: datetime, *, only: str | None = None) -> AttemptsView:
    """Return the attempts of the last seven days, of every partner or of ``only``."""
    specs: dict[str, PartnerSpec] = {str(p): spec for p, spec in deps.usage.partners(deps.realm).items()}
    if only is not None and PartnerId(only) not in specs:
        raise not_found()
    aliases = {str(p.alias): name for name, spec in specs.items() for p in spec.providers}
    with deps.store.read() as connection:
        counts = sign_in_attempts(connection, deps.realm, now - WINDOW, now, aliases=aliases)
    if only is not None:
        empty = AttemptCounts(partner=only, launches=(), sessions=0, refused=())
        counts = tuple(c for c in counts if c.partner == only) or (empty,)
    return AttemptsView(
        environment=deps.environment,
        title="Sign-ins" if only is None else f"Sign-ins: {specs[only].name}",
        partner=only or "",
        since=f"{now - WINDOW:%Y-%m-%d %H:%M}",
        until=f"{now:%Y-%m-%d %H:%M}",
        rows=tuple(_row(c, _name(c.partner, specs)) for c in counts),
    )


def _row(counts: AttemptCounts, name: str) -> AttemptsRow:
    attempts = partner_attempts(
        counts.partner,
        launches={LaunchOutcome(outcome): number for outcome, number in counts.launches},
        signed_in=counts.sessions,
        refused=counts.refused,
    )
    return AttemptsRow(partner=counts.partner, name=name, attempts=attempts)


def _name(partner: str, specs: dict[str, PartnerSpec]) -> str:
    if partner == NO_PARTNER:
        return "Unknown partner"
    return specs[partner].name if partner in specs else partner
