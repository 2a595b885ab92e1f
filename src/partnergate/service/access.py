"""Authorization: the single place that decides who can access a route.

Every route declares its access level with ``needs``; ``create_app`` rejects a route without one.
An operator can access every partner. A partner's token can access that partner only: everything
else responds with 404, as if it did not exist.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, assert_never

from fastapi import Depends, FastAPI, Request
from fastapi.routing import APIRoute, iter_route_contexts

from partnergate.service.api.tokens import (
    InvalidTokenError,
    KeysUnavailableError,
    Principal,
)
from partnergate.service.problems import HttpProblem, not_found
from partnergate.service.rate_limits import RateLimit

if TYPE_CHECKING:
    from partnergate.service.api.tokens import Verifier
    from partnergate.service.work import Workload

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

    verifier: Verifier | None
    refusals: RateLimit = field(default_factory=lambda: RateLimit(per_second=1, burst=60))
    """Limits requests with a missing or invalid token. A valid token is never limited."""

    def needs_keys(self, authorization: str | None) -> bool:
        """Whether ``principal`` sends a request to the realm and therefore blocks."""
        return self.verifier is not None and self.verifier.needs_keys(_bearer_token(authorization))

    def principal(self, authorization: str | None) -> Principal:
        """Return the principal of a request. Raises a 401 or 503 ``HttpProblem``."""
        if self.verifier is None:
            roles = frozenset({OPERATOR_ROLE, USAGE_ROLE})
            return Principal(client_id="local", roles=roles, partner=None, username="local, without a token")
        token = _bearer_token(authorization)
        if not token:
            raise _unauthorized("the request has no bearer token", "")
        try:
            return self.verifier.verify(token)
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

    async def guard(request: Request) -> Principal | None:
        if need is Need.PUBLIC:
            return None
        principal = await _authenticated(request)
        check(need, principal, request.path_params.get("partner"))
        request.state.principal = principal
        return principal

    guard.need = need  # type: ignore[attr-defined]
    return Depends(guard)


async def _authenticated(request: Request) -> Principal:
    """Return the principal of a request. Only a token that needs new signing keys waits for a thread."""
    authorizer: Authorizer = request.app.state.authorizer
    header = request.headers.get("authorization")
    try:
        if authorizer.needs_keys(header):
            keys: Workload = request.app.state.work.keys
            return await keys.run(partial(authorizer.principal, header))
        return authorizer.principal(header)
    except HttpProblem as problem:
        if problem.status == HTTPStatus.UNAUTHORIZED:
            authorizer.refusals.check(request)
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRoute:
    """A route of an application and its declared access levels."""

    path: str
    methods: tuple[str, ...]
    needs: tuple[Need, ...]
    blocking: bool
    """Whether its handler or a dependency is not a coroutine function."""


def declared_routes(app: FastAPI) -> tuple[DeclaredRoute, ...]:
    """Return every route with a handler, including those of included routers, sorted by path."""
    found = (
        DeclaredRoute(
            path=context.path or "",
            methods=tuple(sorted(context.methods or ())),
            needs=_needs_of(context.dependant),
            blocking=_blocks(context.dependant),
        )
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
    )
    return tuple(sorted(found, key=lambda d: (d.path, d.methods)))


def refuse_undeclared(app: FastAPI) -> None:
    """Raise for a route without exactly one access level, or one that blocks outside its own threads.

    A route that needs a partner must have it in its path.
    """
    for route in declared_routes(app):
        if len(route.needs) != 1:
            raise RuntimeError(f"{route.path} must declare exactly one access level, not {len(route.needs)}")
        if route.needs[0] is Need.PARTNER and "{partner}" not in route.path:
            raise RuntimeError(f"{route.path} needs a partner, but the path has no {{partner}} parameter")
        if route.blocking:
            raise RuntimeError(
                f"{route.path} would block the shared thread pool: use the route class of a Workload"
            )


def _needs_of(dependant: Any) -> tuple[Need, ...]:
    own = getattr(dependant.call, "need", None)
    below = [need for child in dependant.dependencies for need in _needs_of(child)]
    return (own, *below) if isinstance(own, Need) else tuple(below)


def _blocks(dependant: Any) -> bool:
    return not inspect.iscoroutinefunction(dependant.call) or any(map(_blocks, dependant.dependencies))


def _bearer_token(authorization: str | None) -> str:
    """Return the token; empty when the header is missing or has another scheme."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _unauthorized(detail: str, error: str) -> HttpProblem:
    return HttpProblem(401, detail, headers={"WWW-Authenticate": f'Bearer realm="partnergate"{error}'})
