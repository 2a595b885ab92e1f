"""Error responses as problem documents (RFC 9457), or as pages for browsers."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from partnergate.audit.entry import AuditError
from partnergate.errors import RatingError, StatementError, StoreError, StoreUnavailableError, UsageError
from partnergate.service.logs import log_event
from partnergate.service.portal.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request
    from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


class HttpProblem(Exception):  # noqa: N818 - named after the problem document
    """A request that cannot be served: HTTP status, detail message, and additional members."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def documented(**responses: str) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of a route: ``s404="reason"`` documents status 404."""
    schema = {
        "type": "object",
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
        },
    }
    content = {PROBLEM_JSON: {"schema": schema}}
    return {int(name[1:]): {"description": reason, "content": content} for name, reason in responses.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemView:
    """The view of ``problem.html``."""

    status: int
    title: str
    detail: str
    target: str
    advice: str


def problem_response(problem: HttpProblem, request: Request | None = None) -> Response:
    """Return the problem document, or a page with the same text for a browser."""
    if request is not None and _is_browser(request):
        response = page(
            "problem.html",
            ProblemView(
                status=problem.status,
                title=HTTPStatus(problem.status).phrase,
                detail=problem.detail,
                target=str(problem.members.get("target", "")),
                advice=str(problem.members.get("advice", "")),
            ),
            status=problem.status,
        )
        response.headers.update(problem.headers)
        return response
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }
    return JSONResponse(body, problem.status, problem.headers, media_type=PROBLEM_JSON)


def not_found() -> HttpProblem:
    """Return the problem for a resource that does not exist or that the sender cannot access."""
    return HttpProblem(HTTPStatus.NOT_FOUND, "the resource does not exist")


def domain_problem(error: AuditError | StatementError | RatingError | StoreError | UsageError) -> HttpProblem:
    """Convert a domain error to a problem. The request changed nothing."""
    match error:
        case StoreUnavailableError():
            return HttpProblem(503, error.what, headers={"Retry-After": "5"})
        case UsageError():
            status = HTTPStatus.BAD_REQUEST
        case StatementError():
            status = HTTPStatus.CONFLICT
        case RatingError():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        case _:
            status = HTTPStatus.INTERNAL_SERVER_ERROR
    # The location of the store is for operators only, and they have the log.
    target = "" if isinstance(error, StoreError) else error.target
    members: dict[str, Any] = {"target": target, "advice": error.advice}
    problem = HttpProblem(status, error.what)
    problem.members.update({key: text for key, text in members.items() if text})
    return problem


def _is_browser(request: Request) -> bool:
    """Whether the sender accepts HTML and not JSON."""
    accepted = request.headers.get("accept", "")
    return "text/html" in accepted and "json" not in accepted


def install(app: FastAPI) -> None:
    """Respond to every error of ``app`` with a problem document."""

    @app.exception_handler(HttpProblem)
    async def _problem(request: Request, error: HttpProblem) -> Response:
        return problem_response(error, request)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        return problem_response(
            HttpProblem(error.status_code, str(error.detail), headers=error.headers), request
        )

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        errors = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
        return problem_response(HttpProblem(422, "the request is not valid", errors=errors), request)

    async def _domain(request: Request, error: Any) -> Response:
        if isinstance(error, StoreError) and not isinstance(error, StoreUnavailableError):
            log_event("store_failed", logging.ERROR, failure=type(error).__name__)
        return problem_response(domain_problem(error), request)

    for kind in (AuditError, StatementError, RatingError, StoreError, UsageError):
        app.add_exception_handler(kind, _domain)
