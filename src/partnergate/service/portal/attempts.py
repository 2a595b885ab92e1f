"""The pages about attempts to sign in: how many got in, and why the others did not."""

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

SPAN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsRow:
    """One partner, or nobody."""

    partner: str
    name: str
    attempts: PartnerAttempts


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptsView:
    """``attempts.html``."""

    environment: str
    title: str
    partner: str
    """Of the page; empty on the host's own."""
    since: str
    until: str
    rows: tuple[AttemptsRow, ...]


def attempts_routes(deps: ServiceDeps) -> APIRouter:
    """``/attempts`` for the host, ``/partners/{partner}/attempts`` for one partner."""
    router = APIRouter(include_in_schema=False)

    @router.get("/attempts", dependencies=[needs(Need.OPERATOR)])
    def everybody() -> Response:
        return page("attempts.html", attempts_view(deps, deps.clock()))

    @router.get("/partners/{partner}/attempts", dependencies=[needs(Need.PARTNER)])
    def one(partner: str) -> Response:
        return page("attempts.html", attempts_view(deps, deps.clock(), only=partner))

    return router


def attempts_view(deps: ServiceDeps, now: datetime, *, only: str | None = None) -> AttemptsView:
    """The last seven days; of one partner alone where ``only`` names it."""
    specs: dict[str, PartnerSpec] = {str(p): spec for p, spec in deps.usage.partners(deps.realm).items()}
    if only is not None and PartnerId(only) not in specs:
        raise not_found()
    aliases = {str(p.alias): name for name, spec in specs.items() for p in spec.providers}
    with deps.store.read() as connection:
        counts = sign_in_attempts(connection, deps.realm, now - SPAN, now, aliases=aliases)
    if only is not None:
        nothing = AttemptCounts(partner=only, launches=(), sessions=0, refused=())
        counts = tuple(c for c in counts if c.partner == only) or (nothing,)
    return AttemptsView(
        environment=deps.environment,
        title="Sign-ins" if only is None else f"Sign-ins of {specs[only].name}",
        partner=only or "",
        since=f"{now - SPAN:%Y-%m-%d %H:%M}",
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
        return "Of no partner that could be told"
    return specs[partner].name if partner in specs else partner
