"""Failures of a request as problem documents (RFC 9457), always the same shape."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from partnergate.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request
    from starlette.responses import Response

PROBLEM_JSON = "application/problem+json"


class Problem(Exception):  # noqa: N818 - named after what it is sent as
    """A request that cannot be served: status, a sentence, and what the sender may do."""

    def __init__(
        self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def problem_response(problem: Problem) -> Response:
    """The document of a problem."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }
    return JSONResponse(body, problem.status, problem.headers, media_type=PROBLEM_JSON)


def not_found() -> Problem:
    """The answer for what is not there and for what the sender may not know to be there."""
    return Problem(HTTPStatus.NOT_FOUND, "there is no such resource")


def install(app: FastAPI) -> None:
    """Answer every failure of ``app`` with a problem document."""

    @app.exception_handler(Problem)
    async def _problem(_: Request, error: Problem) -> Response:
        return problem_response(error)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        return problem_response(Problem(error.status_code, str(error.detail), headers=error.headers))

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        places = [{"at": ".".join(map(str, e["loc"])), "problem": e["msg"]} for e in error.errors()]
        return problem_response(Problem(422, "the request does not fit the API", errors=places))

    @app.exception_handler(StoreUnavailableError)
    async def _store(_: Request, error: StoreUnavailableError) -> Response:
        return problem_response(Problem(503, error.what, headers={"Retry-After": "5"}))
