"""The web application: routes, authorization, startup and shutdown. Its parts come from ``ServiceDeps``."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match

from partnergate import __version__
from partnergate.service import problems
from partnergate.service.access import Need, needs, refuse_undeclared
from partnergate.service.allowed_hosts import AllowedHosts
from partnergate.service.api.description import describe
from partnergate.service.api.quantities import quantities_routes
from partnergate.service.api.usage import UsageIntake, usage_routes
from partnergate.service.health import health_routes
from partnergate.service.logs import log_event
from partnergate.service.loops.background import Background
from partnergate.service.loops.loop import Stopping
from partnergate.service.portal.attempts import attempts_routes
from partnergate.service.portal.audit import audit_routes
from partnergate.service.portal.dashboard import dashboard_routes
from partnergate.service.portal.disputes import dispute_routes
from partnergate.service.portal.pages import STATIC
from partnergate.service.portal.reconciliation import reconciliation_routes
from partnergate.service.portal.sign_ins import SignInLog
from partnergate.service.portal.statements import statement_routes
from partnergate.service.safe_headers import SafeHeaders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from partnergate.service.deps import ServiceDeps
    from partnergate.service.metrics import ServiceMetrics

STOP_SECONDS = 20.0
"""Deadline for shutdown. Threads that are still running afterwards are abandoned."""


def create_app(deps: ServiceDeps) -> FastAPI:
    """Return the application. Raises ``RuntimeError`` for a route that does not declare its access level."""
    stopping = Stopping()
    background = Background(loops=deps.loops, stopping=stopping)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        deps.queue.start()
        background.start()
        log_event("started", realm=deps.realm, environment=deps.environment, version=__version__)
        yield
        stopping.set()
        deadline = time.monotonic() + STOP_SECONDS
        deps.work.close()
        deps.queue.close(STOP_SECONDS)
        log_event("stopped", still_running=list(background.join(deadline)))

    app = FastAPI(
        title="partnergate",
        version=__version__,
        summary="Partner usage: send usage events, read quantities.",
        lifespan=lifespan,
        openapi_url="/openapi.json",
        redirect_slashes=False,  # such redirects use the Host header of the request
        docs_url=None,
        redoc_url=None,
    )
    app.state.authorizer = deps.authorizer
    app.state.stopping = stopping
    app.state.work = deps.work
    problems.install(app)
    app.include_router(health_routes(deps, stopping))
    app.include_router(usage_routes(UsageIntake(queue=deps.queue, metrics=deps.metrics)))
    app.include_router(quantities_routes(deps))
    app.include_router(dashboard_routes(deps))
    app.include_router(attempts_routes(deps))
    app.include_router(audit_routes(deps))
    app.include_router(statement_routes(deps))
    app.include_router(dispute_routes(deps))
    app.include_router(reconciliation_routes(deps))
    for router in deps.routers:
        app.include_router(router)
    for router in deps.public_routers:
        app.include_router(router, dependencies=[needs(Need.PUBLIC)])
    static = StaticFiles(directory=STATIC, packages=[("partnergate.rendering", "static")])
    app.mount("/static", static, name="static")
    refuse_undeclared(app)
    app.add_middleware(SignInLog, deps=deps)
    describe(app)
    app.add_middleware(AllowedHosts, hosts=deps.allowed_hosts)
    app.add_middleware(SafeHeaders)
    app.add_middleware(RequestLog, metrics=deps.metrics, app_routes=app)
    return app


class RequestLog:
    """Logs and measures each request under its route template, so path parameters are never recorded."""

    def __init__(self, app: ASGIApp, *, metrics: ServiceMetrics, app_routes: FastAPI) -> None:
        self.app = app
        self.metrics = metrics
        self.app_routes = app_routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def send_recording_status(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_recording_status)
        finally:
            seconds = time.perf_counter() - started
            route = self._route(scope)
            self.metrics.request_seconds.labels(route, str(status)).observe(seconds)
            log_event(
                "request", route=route, method=_method(scope), status=status, ms=round(seconds * 1000, 1)
            )

    def _route(self, scope: Scope) -> str:
        found: Any = scope.get("route")
        if found is not None:
            return str(getattr(found, "path", "other"))
        for route in self.app_routes.routes:
            if route.matches(scope)[0] is Match.FULL:
                return str(getattr(route, "path", "other"))
        return "other"


def _method(scope: Scope) -> str:
    known = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
    method = str(scope["method"])
    return method if method in known else "other"
