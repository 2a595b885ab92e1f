"""Who may open which route: the one place that decides.

Every route declares its need with ``needs``; ``create_app`` refuses an app with a route that does not.
An operator sees every partner. A partner's own token sees that partner alone: anything else is
answered as if it were not there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from partnergate.service.api.tokens import (
    InvalidTokenError,
    KeysUnavailableError,
    Principal,
    TokenVerifier,
)
from partnergate.service.problems import Problem, not_found

OPERATOR_ROLE = "partnergate-operator"
PARTNER_ROLE = "partner-billing"
USAGE_ROLE = "usage-writer"
METRICS_ROLE = "metrics-reader"


class Need(StrEnum):
    """What a route asks of its sender."""

    PUBLIC = "public"
    """Nothing: health, launch links, style sheets."""
    USAGE = "usage"
    """A client of the host that may send usage."""
    METRICS = "metrics"
    """The host's monitoring, or its operator: figures name the partners."""
    OPERATOR = "operator"
    """The host's operator."""
    PARTNER = "partner"
    """The operator, or the partner that the path names as ``partner``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Checks tokens; without a verifier everyone is an operator (``serve --open-local``)."""

    verifier: TokenVerifier | None

    def principal(self, authorization: str | None) -> Principal:
        """Who sends the request."""
        if self.verifier is None:
            roles = frozenset({OPERATOR_ROLE, USAGE_ROLE})
            return Principal(client_id="local", roles=roles, partner=None)
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("the request carries no bearer token", "")
        try:
            return self.verifier.verify(token.strip())
        except InvalidTokenError as error:
            raise _unauthorized(str(error), ', error="invalid_token"') from error
        except KeysUnavailableError as error:
            raise Problem(
                503,
                "the realm's keys cannot be read, so no token can be checked",
                headers={"Retry-After": "10"},
            ) from error


def is_operator(principal: Principal) -> bool:
    """A person who came in through a partner is never an operator, whatever roles the token has."""
    return OPERATOR_ROLE in principal.roles and principal.partner is None


def may_see(principal: Principal, partner: str) -> bool:
    """Whether the partner's pages and figures are there for this principal."""
    own = PARTNER_ROLE in principal.roles and principal.partner is not None
    return is_operator(principal) or (own and principal.partner == partner)


def check(need: Need, principal: Principal, partner: str | None) -> None:
    """Raises the problem that the sender gets, if any."""
    match need:
        case Need.PUBLIC:
            return
        case Need.USAGE:
            if USAGE_ROLE not in principal.roles or principal.partner is not None:
                raise Problem(403, f"the token lacks the role {USAGE_ROLE}")
        case Need.METRICS:
            if not is_operator(principal) and (
                METRICS_ROLE not in principal.roles or principal.partner is not None
            ):
                raise not_found()
        case Need.OPERATOR:
            if not is_operator(principal):
                raise not_found()
        case Need.PARTNER:
            if partner is None or not may_see(principal, partner):
                raise not_found()
        case _:
            assert_never(need)


def needs(need: Need) -> Any:
    """A dependency that declares what a route asks, and asks it."""

    def guard(request: Request) -> Principal | None:
        if need is Need.PUBLIC:
            return None
        door: Door = request.app.state.door
        principal = door.principal(request.headers.get("authorization"))
        check(need, principal, request.path_params.get("partner"))
        return principal

    guard.need = need  # type: ignore[attr-defined]
    return Depends(guard)


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A route of an application, and what it declares."""

    path: str
    methods: tuple[str, ...]
    needs: tuple[Need, ...]


def declared_routes(app: FastAPI) -> tuple[Declared, ...]:
    """Every route with a handler, those of included routers too, by path."""
    found = (
        Declared(
            path=context.path or "",
            methods=tuple(sorted(context.methods or ())),
            needs=_needs_of(context.dependant),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    )
    return tuple(sorted(found, key=lambda d: (d.path, d.methods)))


def refuse_undeclared(app: FastAPI) -> None:
    """Raises when a route of the app declares no need, several, or the partner's without a partner."""
    for route in declared_routes(app):
        if len(route.needs) != 1:
            raise RuntimeError(f"{route.path} declares {len(route.needs)} access needs, not one")
        if route.needs[0] is Need.PARTNER and "{partner}" not in route.path:
            raise RuntimeError(f"{route.path} needs a partner and has none in its path")


def _needs_of(dependant: Any) -> tuple[Need, ...]:
    own = getattr(dependant.call, "need", None)
    below = [need for child in dependant.dependencies for need in _needs_of(child)]
    return (own, *below) if isinstance(own, Need) else tuple(below)


def _unauthorized(detail: str, error: str) -> Problem:
    return Problem(401, detail, headers={"WWW-Authenticate": f'Bearer realm="partnergate"{error}'})
