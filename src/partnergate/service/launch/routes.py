"""The launch pages: what a partner's button opens. Decisions are in ``signin``; here they are carried out.

``GET /launch/<partner>`` is the button. ``GET`` or ``POST /launch`` is a third-party-initiated login
(OpenID Connect Core 1.0 section 4). No page here shows anything of a user.
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
from partnergate.service.launch.pages import launch_page
from partnergate.service.launch.session_check import CheckRefused
from partnergate.service.problems import Problem
from partnergate.signin.attempts import LaunchOutcome
from partnergate.signin.launch import (
    EndSession,
    EnterProduct,
    Launch,
    LiveSession,
    Refusal,
    Refused,
    after_check,
    enter_product,
    launch_request,
)
from partnergate.signin.state import LIFETIME_SECONDS, LaunchState, StateKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partnergate.model.environment import LaunchSettings, RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.service.clock import Clock
    from partnergate.service.launch.session_check import SessionCheck

_LARGEST_FORM: Final = 16384
_NO_SESSION: Final = frozenset({"login_required", "interaction_required"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchService:
    """What the routes need."""

    realm: RealmSpec
    settings: LaunchSettings
    partners: Callable[[], Iterable[PartnerSpec]]
    check: SessionCheck
    key: StateKey
    clock: Clock
    note: Callable[[str, LaunchOutcome], None]
    """Is told what became of each launch, by partner; nobody's where none is known."""

    @property
    def cookie(self) -> str:
        """The browser's cookie; the prefix makes a browser insist on https and on this very host."""
        return "__Host-partnergate-launch" if self.secure else "partnergate-launch"

    @property
    def secure(self) -> bool:
        return self.settings.base_url.startswith("https:")


_MESSAGES: Final[dict[Refusal, tuple[HTTPStatus, str, str]]] = {
    Refusal.UNKNOWN_PARTNER: (
        HTTPStatus.NOT_FOUND,
        "This link is not known here",
        "The address names no partner of this service. Please use the button on your own platform.",
    ),
    Refusal.SUSPENDED: (
        HTTPStatus.FORBIDDEN,
        "Access is suspended",
        (
            "Sign-in from your platform is suspended at the moment. Your account and your data are kept. "
            "Please ask the administrator of your platform."
        ),
    ),
    Refusal.NOT_DEPLOYED: (
        HTTPStatus.FORBIDDEN,
        "Not open yet",
        "Sign-in from your platform is not open here. Please ask the administrator of your platform.",
    ),
    Refusal.UNKNOWN_ISSUER: (
        HTTPStatus.BAD_REQUEST,
        "This link does not fit",
        "The link names an identity provider that does not belong to the partner.",
    ),
    Refusal.TARGET_NOT_ALLOWED: (
        HTTPStatus.BAD_REQUEST,
        "This link leads elsewhere",
        "The link asks to continue at an address outside the product, so it was stopped.",
    ),
}


def launch_routes(service: LaunchService) -> APIRouter:
    """The routes of the launch, to be included in the sidecar's application."""
    routes = APIRouter(tags=["launch"])

    @routes.get("/launch/{partner}", name="launch")
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

    @routes.get("/launch", name="third_party_initiated_login")
    def initiated(
        request: Request,
        iss: Annotated[str, Query()] = "",
        login_hint: Annotated[str, Query()] = "",
        target_link_uri: Annotated[str, Query()] = "",
    ) -> Response:
        return _start(service, request, iss=iss, login_hint=login_hint, target_link_uri=target_link_uri)

    @routes.post("/launch", name="third_party_initiated_login_form")
    async def initiated_by_form(request: Request) -> Response:
        # A cross-site POST comes without the Lax cookie; a GET of our own brings it.
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST_FORM:
                raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the form is too large")
        given = dict(parse_qsl(body.decode("ascii", "replace")))
        names: tuple[str, ...] = ("iss", "login_hint", "target_link_uri")
        kept = {name: given[name] for name in names if name in given}
        return _redirect("/launch?" + urlencode(kept))

    @routes.get(CHECKED_PATH, name="launch_checked")
    def checked(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
        return _checked(service, request, state=state, code=code, error=error)

    @routes.get(ENDED_PATH, name="launch_ended")
    def ended(request: Request, state: str = "") -> Response:
        held = _held(service, request, state)
        if held is None:
            service.note("", LaunchOutcome.NOT_OURS)
            return _stale()
        service.note(held.launch.partner, LaunchOutcome.SENT_TO_SIGN_IN)
        return _redirect(enter_product(service.realm, service.settings, held.launch).url)

    return routes


def _start(service: LaunchService, request: Request, **parameters: str) -> Response:
    decided = launch_request(service.realm, service.settings, service.partners(), **parameters)
    if isinstance(decided, Refused):
        service.note(decided.partner or "", LaunchOutcome(decided.reason))
        status, title, message = _MESSAGES[decided.reason]
        return launch_page(title=title, message=message, status=status, again="")
    service.note(decided.partner, LaunchOutcome.BEGUN)
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
    held = _held(service, request, state)
    if held is None:
        service.note("", LaunchOutcome.NOT_OURS)
        return _stale()
    partner = held.launch.partner
    live: LiveSession | None = None
    if code:
        try:
            live = service.check.redeem(
                code, code_verifier=service.key.code_verifier(held), nonce=service.key.nonce(held)
            )
        except CheckRefused:
            service.note(partner, LaunchOutcome.NOT_OURS)
            return _stale(held.launch)
        except KeycloakError:
            service.note(partner, LaunchOutcome.UNAVAILABLE)
            return _unavailable(held.launch)
    elif error not in _NO_SESSION:
        service.note(partner, LaunchOutcome.CHECK_FAILED)
        return _unavailable(held.launch)
    decided = after_check(service.realm, service.settings, held.launch, live)
    match decided:
        case EnterProduct(url=url):
            service.note(partner, LaunchOutcome.KEPT_SESSION if live else LaunchOutcome.SENT_TO_SIGN_IN)
            return _redirect(url)
        case EndSession() as ending:
            return _redirect(service.check.end_url(ending, state=state))
        case _ as never:
            assert_never(never)


def _held(service: LaunchService, request: Request, sealed: str) -> LaunchState | None:
    browser = request.cookies.get(service.cookie, "")
    return service.key.open(sealed, browser=browser, now=service.clock()) if browser else None


def _again(launch: Launch | None) -> str:
    if launch is None:
        return ""
    query = {"target_link_uri": launch.target, "login_hint": launch.login_hint}
    kept = urlencode({k: v for k, v in query.items() if v})
    return f"/launch/{launch.partner}" + (f"?{kept}" if kept else "")


def _stale(launch: Launch | None = None) -> Response:
    return launch_page(
        title="This sign-in has ended",
        message="It took too long, was used before, or began in another browser. "
        "Please start again from your platform.",
        status=HTTPStatus.BAD_REQUEST,
        again=_again(launch),
    )


def _unavailable(launch: Launch) -> Response:
    return launch_page(
        title="Sign-in is not available just now",
        message="The sign-in service did not answer as it should. Please try again in a moment.",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        again=_again(launch),
    )


def _redirect(url: str) -> RedirectResponse:
    """Never kept by a cache or in a history entry, and the address tells nothing to the next site."""
    return RedirectResponse(
        url,
        status_code=HTTPStatus.SEE_OTHER,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
