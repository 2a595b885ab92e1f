"""The launch routes, which a partner's button opens. They carry out the decisions of ``signin.launch``.

``GET /launch/<partner>`` is the button. ``GET`` or ``POST /launch`` is a third-party-initiated login
(OpenID Connect Core 1.0, section 4). No page here shows user data.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Final, assert_never
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from partnergate.errors import KeycloakError
from partnergate.model.launch_client import CHECKED_PATH, ENDED_PATH
from partnergate.service.launch.failure_page import launch_page
from partnergate.service.launch.session_check import CheckRefused
from partnergate.service.problems import HttpProblem
from partnergate.signin.attempts import LaunchOutcome
from partnergate.signin.launch import (
    EndSession,
    EnterProduct,
    Launch,
    LaunchRefusal,
    LiveSession,
    RefusedLaunch,
    after_check,
    enter_product,
    launch_request,
)
from partnergate.signin.launch_state import LIFETIME_SECONDS, LaunchState, StateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partnergate.model.environment import LaunchSettings, RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.service.clock import Clock
    from partnergate.service.launch.session_check import SessionCheck

_MAX_FORM_BYTES: Final = 16384
_FORM_FIELDS: Final[tuple[str, ...]] = ("iss", "login_hint", "target_link_uri")
_NO_SESSION_ERRORS: Final = frozenset({"login_required", "interaction_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchService:
    """The dependencies of the routes."""

    realm: RealmSpec
    settings: LaunchSettings
    partners: Callable[[], Iterable[PartnerSpec]]
    check: SessionCheck
    key: StateKey
    clock: Clock
    record: Callable[[str, LaunchOutcome], None]
    """Records the outcome of a launch. The partner is empty when it is not known."""

    @property
    def cookie(self) -> str:
        """The cookie name. The prefix makes browsers require https and this exact host."""
        return "__Host-partnergate-launch" if self.secure else "partnergate-launch"

    @property
    def secure(self) -> bool:
        """Whether the launch service uses https."""
        return self.settings.base_url.startswith("https:")


_MESSAGES: Final[dict[LaunchRefusal, tuple[HTTPStatus, str, str]]] = {
    LaunchRefusal.UNKNOWN_PARTNER: (
        HTTPStatus.NOT_FOUND,
        "Unknown link",
        "This link does not belong to a known partner. Use the button on your own platform.",
    ),
    LaunchRefusal.SUSPENDED: (
        HTTPStatus.FORBIDDEN,
        "Access is suspended",
        (
            "Sign-in from your platform is currently suspended. Your account and data are kept. "
            "Contact the administrator of your platform."
        ),
    ),
    LaunchRefusal.NOT_DEPLOYED: (
        HTTPStatus.FORBIDDEN,
        "Not available yet",
        "Sign-in from your platform is not available here. Contact the administrator of your platform.",
    ),
    LaunchRefusal.UNKNOWN_ISSUER: (
        HTTPStatus.BAD_REQUEST,
        "Link not valid",
        "The identity provider in this link does not belong to the partner.",
    ),
    LaunchRefusal.TARGET_NOT_ALLOWED: (
        HTTPStatus.BAD_REQUEST,
        "Target not allowed",
        "The target of this link is outside the product, so it was blocked.",
    ),
}


def launch_routes(service: LaunchService) -> APIRouter:
    """Return the launch routes for the application of the sidecar."""
    router = APIRouter(tags=["launch"])
    _add_start_routes(router, service)
    _add_return_routes(router, service)
    return router


def _add_start_routes(router: APIRouter, service: LaunchService) -> None:
    """Add the routes that start a launch."""

    @router.get("/launch/{partner}", name="launch")
    def launch(
        request: Request,
        partner: str,
        iss: Annotated[str, Query()] = "",
        login_hint: Annotated[str, Query()] = "",
        target_link_uri: Annotated[str, Query()] = "",
    ) -> Response:
        return _start(
            service, request, partner=partner, iss=iss, login_hint=login_hint, target_link_uri=target_link_uri
        )

    @router.get("/launch", name="third_party_initiated_login")
    def initiated(
        request: Request,
        iss: Annotated[str, Query()] = "",
        login_hint: Annotated[str, Query()] = "",
        target_link_uri: Annotated[str, Query()] = "",
    ) -> Response:
        return _start(service, request, iss=iss, login_hint=login_hint, target_link_uri=target_link_uri)

    @router.post("/launch", name="third_party_initiated_login_form")
    async def initiated_by_form(request: Request) -> Response:
        return await _redirect_form(request)


def _add_return_routes(router: APIRouter, service: LaunchService) -> None:
    """Add the routes to which Keycloak redirects the browser."""

    @router.get(CHECKED_PATH, name="launch_checked")
    def checked(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        return _checked(service, request, state=state, code=code, error=error)

    @router.get(ENDED_PATH, name="launch_ended")
    def ended(request: Request, state: str = "") -> Response:
        return _ended(service, request, state=state)


async def _redirect_form(request: Request) -> Response:
    """Convert the form to a GET request: a cross-site POST does not include the SameSite=Lax cookie."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MAX_FORM_BYTES:
            raise HttpProblem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too large")
    fields = dict(parse_qsl(body.decode("ascii", "replace")))
    query = {name: fields[name] for name in _FORM_FIELDS if name in fields}
    return _redirect("/launch?" + urlencode(query))


def _start(service: LaunchService, request: Request, **parameters: str) -> Response:
    decided = launch_request(service.realm, service.settings, service.partners(), **parameters)
    if isinstance(decided, RefusedLaunch):
        service.record(decided.partner or "", LaunchOutcome(decided.reason))
        status, title, message = _MESSAGES[decided.reason]
        return launch_page(title=title, message=message, status=status, again="")
    service.record(decided.partner, LaunchOutcome.STARTED)
    browser = request.cookies.get(service.cookie) or secrets.token_urlsafe(24)
    state = LaunchState(launch=decided, browser=browser, unique=secrets.token_urlsafe(12))
    response = _redirect(
        service.check.url(
            alias=decided.alias,
            state=service.key.seal(state, now=service.clock()),
            nonce=service.key.nonce(state),
            code_challenge=service.key.code_challenge(state),
        )
    )
    response.set_cookie(
        service.cookie, browser, max_age=LIFETIME_SECONDS, path="/", httponly=True,
        secure=service.secure, samesite="lax",
    )  # fmt: skip
    return response


def _checked(service: LaunchService, request: Request, *, state: str, code: str, error: str) -> Response:
    opened = _opened_state(service, request, state)
    if opened is None:
        service.record("", LaunchOutcome.INVALID_STATE)
        return _expired_page()
    partner = opened.launch.partner
    live: LiveSession | None = None
    if code:
        try:
            live = service.check.redeem(
                code, code_verifier=service.key.code_verifier(opened), nonce=service.key.nonce(opened)
            )
        except CheckRefused:
            service.record(partner, LaunchOutcome.INVALID_STATE)
            return _expired_page(opened.launch)
        except KeycloakError:
            service.record(partner, LaunchOutcome.UNAVAILABLE)
            return _unavailable_page(opened.launch)
    elif error not in _NO_SESSION_ERRORS:
        service.record(partner, LaunchOutcome.CHECK_FAILED)
        return _unavailable_page(opened.launch)
    decided = after_check(service.realm, service.settings, opened.launch, live)
    match decided:
        case EnterProduct(url=url):
            service.record(partner, LaunchOutcome.KEPT_SESSION if live else LaunchOutcome.SENT_TO_SIGN_IN)
            return _redirect(url)
        case EndSession() as ending:
            return _redirect(service.check.end_url(ending, state=state))
        case _ as never:
            assert_never(never)


def _ended(service: LaunchService, request: Request, *, state: str) -> Response:
    """Continue after the session of another partner has ended."""
    opened = _opened_state(service, request, state)
    if opened is None:
        service.record("", LaunchOutcome.INVALID_STATE)
        return _expired_page()
    service.record(opened.launch.partner, LaunchOutcome.SENT_TO_SIGN_IN)
    return _redirect(enter_product(service.realm, service.settings, opened.launch).url)


def _opened_state(service: LaunchService, request: Request, sealed: str) -> LaunchState | None:
    browser = request.cookies.get(service.cookie, "")
    return service.key.open(sealed, browser=browser, now=service.clock()) if browser else None


def _retry_url(launch: Launch | None) -> str:
    if launch is None:
        return ""
    query = {"target_link_uri": launch.target, "login_hint": launch.login_hint}
    kept = urlencode({k: v for k, v in query.items() if v})
    return f"/launch/{launch.partner}" + (f"?{kept}" if kept else "")


def _expired_page(launch: Launch | None = None) -> Response:
    return launch_page(
        title="Sign-in expired",
        message="This sign-in took too long, was used before, or was started in another browser. "
        "Start again from your platform.",
        status=HTTPStatus.BAD_REQUEST,
        again=_retry_url(launch),
    )


def _unavailable_page(launch: Launch) -> Response:
    return launch_page(
        title="Sign-in is temporarily unavailable",
        message="The sign-in service did not respond correctly. Try again in a moment.",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        again=_retry_url(launch),
    )


def _redirect(url: str) -> RedirectResponse:
    """Redirect with GET. ``SafeHeaders`` disables caching and the referrer."""
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
