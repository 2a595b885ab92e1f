"""The launch routes, which a partner's button opens. ``steps`` carries them out.

``GET /launch/<partner>`` is the button. ``GET`` or ``POST /launch`` is a third-party-initiated login
(OpenID Connect Core 1.0, section 4).
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from partnergate.model.launch_client import CHECKED_PATH, ENDED_PATH
from partnergate.service.launch import steps
from partnergate.service.launch.steps import SWITCH_PATH
from partnergate.service.portal.forms import refuse_other_sites
from partnergate.service.problems import HttpProblem, documented

if TYPE_CHECKING:
    from partnergate.service.launch.steps import LaunchService

_MAX_FORM_BYTES: Final = 16384
_FORM_FIELDS: Final[tuple[str, ...]] = ("iss", "login_hint", "target_link_uri")


def launch_routes(service: LaunchService) -> APIRouter:
    """Return the launch routes for the application of the sidecar."""

    async def limited(request: Request) -> None:
        service.limit.check(request)

    router = APIRouter(tags=["launch"], dependencies=[Depends(limited)])
    _add_start_routes(router, service)
    _add_return_routes(router, service)
    return router


def _add_start_routes(router: APIRouter, service: LaunchService) -> None:
    """Add the routes that start a launch."""

    @router.get(
        "/launch/{partner}",
        name="launch",
        summary="Launch link of a partner",
        **_answers(_STARTED, *_REFUSED),
    )
    async def launch(
        request: Request,
        partner: str,
        iss: Annotated[str, Query()] = "",
        login_hint: Annotated[str, Query()] = "",
        target_link_uri: Annotated[str, Query()] = "",
    ) -> Response:
        return steps.start(
            service, request, partner=partner, iss=iss, login_hint=login_hint, target_link_uri=target_link_uri
        )

    @router.get(
        "/launch",
        name="third_party_initiated_login",
        summary="Third-party-initiated login",
        **_answers(_STARTED, *_REFUSED),
    )
    async def initiated(
        request: Request,
        iss: Annotated[str, Query()] = "",
        login_hint: Annotated[str, Query()] = "",
        target_link_uri: Annotated[str, Query()] = "",
    ) -> Response:
        return steps.start(service, request, iss=iss, login_hint=login_hint, target_link_uri=target_link_uri)

    @router.post(
        "/launch",
        name="third_party_initiated_login_form",
        summary="Third-party-initiated login by form",
        openapi_extra=_form_body(*_FORM_FIELDS),
        **_answers("To the same login with GET.", 413),
    )
    async def initiated_by_form(request: Request) -> Response:
        """Convert the form to a GET request: a cross-site POST does not include the SameSite=Lax cookie."""
        fields = await _form_fields(request)
        query = {name: fields[name] for name in _FORM_FIELDS if name in fields}
        return steps.redirect("/launch?" + urlencode(query))


def _add_return_routes(router: APIRouter, service: LaunchService) -> None:
    """Add the routes to which Keycloak redirects the browser, and the confirmation between them."""

    @router.get(
        CHECKED_PATH,
        name="launch_checked",
        summary="Response of the session check",
        **_answers("To the product, or to the end of the session that the user confirmed.", 200, 400, 503),
    )
    async def checked(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        return await steps.checked(service, request, state=state, code=code, error=error)

    @router.post(
        SWITCH_PATH,
        name="launch_switch",
        summary="Confirmation that the session of another partner ends",
        openapi_extra=_form_body("state"),
        **_answers("To a new session check.", 400, 403, 413),
    )
    async def switch(request: Request) -> Response:
        refuse_other_sites(request)
        return steps.switch(service, request, state=(await _form_fields(request)).get("state", ""))

    @router.get(
        ENDED_PATH,
        name="launch_ended",
        summary="Response of the logout",
        **_answers("To the product.", 400),
    )
    async def ended(request: Request, state: str = "") -> Response:
        return steps.ended(service, request, state=state)


_STARTED: Final = "To the session check of the realm."
_REFUSED: Final = (400, 403, 404)
_REASONS: Final = {
    400: "The link or the state is not valid.",
    403: "The partner is suspended or not deployed, or the form is from another site.",
    404: "The partner does not exist.",
    413: "The form is larger than 16 KiB.",
    503: "Keycloak does not respond, or too many launches wait for it.",
}


def _answers(redirect: str, *statuses: int) -> dict[str, Any]:
    """Return the OpenAPI responses of a route: a redirect, and pages or problem documents."""
    responses: dict[int | str, dict[str, Any]] = {303: {"description": redirect}}
    page_or_problem = documented(**{f"s{s}": _REASONS[s] for s in statuses if s in _REASONS}, s429=_LIMITED)
    for status, response in page_or_problem.items():
        responses[status] = response | {"content": {"text/html": {}} | response["content"]}
    if HTTPStatus.OK in statuses:
        question = "A page that asks whether the session of another partner ends."
        responses[200] = {"description": question, "content": {"text/html": {}}}
    return {
        "status_code": 200 if HTTPStatus.OK in statuses else 303,
        "response_class": HTMLResponse if HTTPStatus.OK in statuses else RedirectResponse,
        "responses": responses,
    }


_LIMITED: Final = "Too many launches from this client."


def _form_body(*fields: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}}
    return {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


async def _form_fields(request: Request) -> dict[str, str]:
    """Read a small form. Raises a 413 ``HttpProblem``."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_FORM_BYTES:
            raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too large")
    return dict(parse_qsl(body.decode("ascii", "replace")))
