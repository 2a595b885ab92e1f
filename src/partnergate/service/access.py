"""Authorization: the single place that decides who can access a route.

Every route declares its access level with ``needs``; ``create_app`` rejects a route without one.
An operator can access every partner. A partner's token can access that partner only: everything
else responds with 404, as if it did not exist.
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
from partnergate.service.problems import HttpProblem, not_found

OPERATOR_ROLE = "partnergate-operator"
PARTNER_ROLE = "partner-billing"
USAGE_ROLE = "usage-writer"
METRICS_ROLE = "metrics-reader"


class Need(StrEnum):
    """The access level of a route."""

    PUBLIC = "public"
    """No authentication: health checks, launch links."""
    USAGE = "usage"
    """A client of the host that sends usage events."""
    METRICS = "metrics"
    """The host's monitoring, or an operator: the metrics name partners."""
    OPERATOR = "operator"
    """An operator of the host."""
    PARTNER = "partner"
    """An operator, or the partner in the path parameter ``partner``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorizer:
    """Authenticates requests. Without a verifier, every request is an operator's (``serve --open-local``)."""

    verifier: TokenVerifier | None

    def principal(self, authorization: str | None) -> Principal:
        """Return the principal of a request. Raises a 401 or 503 ``HttpProblem``."""
        if self.verifier is None:
            roles = frozenset({OPERATOR_ROLE, USAGE_ROLE})
            return Principal(client_id="local", roles=roles, partner=None)
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _unauthorized("the request has no bearer token", "")
        try:
            return self.verifier.verify(token.strip())
        except InvalidTokenError as error:
            raise _unauthorized(str(error), ', error="invalid_token"') from error
        except KeysUnavailableError as error:
            raise HttpProblem(
                503,
                "the token cannot be verified: the realm's signing keys are not available",
                headers={"Retry-After": "10"},
            ) from error


def is_operator(principal: Principal) -> bool:
    """Whether the principal is an operator. A partner's user never is, regardless of roles."""
    return OPERATOR_ROLE in principal.roles and principal.partner is None


def may_see(principal: Principal, partner: str) -> bool:
    """Whether the principal can access the partner's pages and data."""
    is_partner = PARTNER_ROLE in principal.roles and principal.partner is not None
    return is_operator(principal) or (is_partner and principal.partner == partner)


def check(need: Need, principal: Principal, partner: str | None) -> None:
    """Raise a ``HttpProblem`` when the principal does not have the access level."""
    match need:
        case Need.PUBLIC:
            return
        case Need.USAGE:
            if USAGE_ROLE not in principal.roles or principal.partner is not None:
                raise HttpProblem(403, f"the token does not have the role {USAGE_ROLE}")
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
    """Return a dependency that declares and enforces the access level of a route."""

    def guard(request: Request) -> Principal | None:
        if need is Need.PUBLIC:
            return None
        authorizer: Authorizer = request.app.state.authorizer
        principal = authorizer.principal(request.headers.get("authorization"))
        check(need, principal, request.path_params.get("partner"))
        request.state.principal = principal
        return principal

    guard.need = need  # type: ignore[attr-defined]
    return Depends(guard)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRoute:
    """A route of an application and its declared access levels."""

    path: str
    methods: tuple[str, ...]
    needs: tuple[Need, ...]


def declared_routes(app: FastAPI) -> tuple[DeclaredRoute, ...]:
    """Return every route with a handler, including those of included routers, sorted by path."""
    found = (
        DeclaredRoute(
            path=context.path or "",
            methods=tuple(sorted(context.methods or ())),
            needs=_needs_of(context.dependant),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    )
    return tuple(sorted(found, key=lambda d: (d.path, d.methods)))


def refuse_undeclared(app: FastAPI) -> None:
    """Raise when a route does not declare exactly one access level, or needs a partner without naming one."""
    for route in declared_routes(app):
        if len(route.needs) != 1:
            raise RuntimeError(f"{route.path} must declare exactly one access level, not {len(route.needs)}")
        if route.needs[0] is Need.PARTNER and "{partner}" not in route.path:
            raise RuntimeError(f"{route.path} needs a partner, but the path has no {{partner}} parameter")


def _needs_of(dependant: Any) -> tuple[Need, ...]:
    own = getattr(dependant.call, "need", None)
    below = [need for child in dependant.dependencies for need in _needs_of(child)]
    return (own, *below) if isinstance(own, Need) else tuple(below)


def _unauthorized(detail: str, error: str) -> HttpProblem:
    return HttpProblem(401, detail, headers={"WWW-Authenticate": f'Bearer realm="partnergate"{error}'})
