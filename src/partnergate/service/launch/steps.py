"""The steps of a launch between two requests. They carry out the decisions of ``signin.launch``.

Everything but the request to Keycloak runs on the event loop, so a slow Keycloak holds up only launches
of users who have a session. No page here shows user data.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, assert_never
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse

from partnergate.errors import KeycloakError
from partnergate.service.launch.confirmation_page import confirm_page
from partnergate.service.launch.failure_page import launch_page
from partnergate.service.launch.session_check import CheckRefused
from partnergate.service.problems import HttpProblem
from partnergate.service.rate_limits import RateLimit
from partnergate.service.work import Workload
from partnergate.signin.attempts import LaunchOutcome
from partnergate.signin.launch import (
    ConfirmSwitch,
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
from partnergate.signin.launch_state import LIFETIME_SECONDS, LaunchState, StateKey, Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastapi import Request
    from starlette.responses import Response

    from partnergate.model.environment import LaunchSettings, RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.service.clock import Clock
    from partnergate.service.launch.session_check import SessionCheck

SWITCH_PATH: Final = "/sign-in/switch"
"""The form of the confirmation page."""
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
    limit: RateLimit = field(default_factory=lambda: RateLimit(per_second=20, burst=300))
    """The limit for each client. A burst is what the users of a company cause who share one address."""
    work: Workload = field(default_factory=lambda: Workload(name="session-check", threads=16, waiting=64))
    """The threads for requests to Keycloak."""

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


def start(service: LaunchService, request: Request, **parameters: str) -> Response:
    """Redirect to the session check, or show why the launch is refused."""
    decided = launch_request(service.realm, service.settings, service.partners(), **parameters)
    if isinstance(decided, RefusedLaunch):
        service.record(decided.partner or "", LaunchOutcome(decided.reason))
        status, title, message = _MESSAGES[decided.reason]
        return launch_page(title=title, message=message, status=status, again="")
    service.record(decided.partner, LaunchOutcome.STARTED)
    browser = request.cookies.get(service.cookie) or secrets.token_urlsafe(24)
    return _to_check(service, _state(decided, browser, Step.CHECK))


def _state(launch: Launch, browser: str, step: Step) -> LaunchState:
    return LaunchState(launch=launch, browser=browser, unique=secrets.token_urlsafe(12), step=step)


def _to_check(service: LaunchService, state: LaunchState) -> Response:
    """Redirect to the silent session check, and bind the state to this browser."""
    response = redirect(
        service.check.url(
            alias=state.launch.alias,
            state=service.key.seal(state, now=service.clock()),
            nonce=service.key.nonce(state),
            code_challenge=service.key.code_challenge(state),
        )
    )
    response.set_cookie(
        service.cookie, state.browser, max_age=LIFETIME_SECONDS, path="/", httponly=True,
        secure=service.secure, samesite="lax",
    )  # fmt: skip
    return response


async def checked(service: LaunchService, request: Request, *, state: str, code: str, error: str) -> Response:
    """Continue after the session check. A full queue of checks looks like an unavailable Keycloak."""
    opened = _opened_state(service, request, state, Step.CHECK, Step.CONFIRMED)
    if opened is None:
        service.record("", LaunchOutcome.INVALID_STATE)
        return _expired_page()
    partner = opened.launch.partner
    live: LiveSession | None = None
    if code:
        redeem = partial(
            service.check.redeem,
            code,
            code_verifier=service.key.code_verifier(opened),
            nonce=service.key.nonce(opened),
        )
        try:
            live = await service.work.run(redeem)
        except CheckRefused:
            service.record(partner, LaunchOutcome.INVALID_STATE)
            return _expired_page(opened.launch)
        except (KeycloakError, HttpProblem):
            service.record(partner, LaunchOutcome.UNAVAILABLE)
            return _unavailable_page(opened.launch)
    elif error not in _NO_SESSION_ERRORS:
        service.record(partner, LaunchOutcome.CHECK_FAILED)
        return _unavailable_page(opened.launch)
    return _decided(service, opened, live, state)


def _decided(service: LaunchService, opened: LaunchState, live: LiveSession | None, state: str) -> Response:
    """Carry out the decision after the session check."""
    partner = opened.launch.partner
    confirmed = opened.step is Step.CONFIRMED
    decided = after_check(service.realm, service.settings, opened.launch, live, confirmed=confirmed)
    match decided:
        case EnterProduct(url=url):
            service.record(partner, LaunchOutcome.KEPT_SESSION if live else LaunchOutcome.SENT_TO_SIGN_IN)
            return redirect(url)
        case ConfirmSwitch():
            service.record(partner, LaunchOutcome.CONFIRMATION_SHOWN)
            question = _state(opened.launch, opened.browser, Step.CONFIRM)
            sealed = service.key.seal(question, now=service.clock())
            return confirm_page(action=SWITCH_PATH, state=sealed, secure=service.secure)
        case EndSession() as ending:
            return redirect(service.check.end_url(ending, state=state))
        case _ as never:
            assert_never(never)


def switch(service: LaunchService, request: Request, *, state: str) -> Response:
    """Check the session again after the user has confirmed, because it may have changed."""
    opened = _opened_state(service, request, state, Step.CONFIRM)
    if opened is None:
        service.record("", LaunchOutcome.INVALID_STATE)
        return _expired_page()
    return _to_check(service, _state(opened.launch, opened.browser, Step.CONFIRMED))


def ended(service: LaunchService, request: Request, *, state: str) -> Response:
    """Continue after the session of another partner has ended."""
    opened = _opened_state(service, request, state, Step.CONFIRMED)
    if opened is None:
        service.record("", LaunchOutcome.INVALID_STATE)
        return _expired_page()
    service.record(opened.launch.partner, LaunchOutcome.SENT_TO_SIGN_IN)
    return redirect(enter_product(service.realm, service.settings, opened.launch).url)


def _opened_state(service: LaunchService, request: Request, sealed: str, *steps: Step) -> LaunchState | None:
    browser = request.cookies.get(service.cookie, "")
    return service.key.open(sealed, browser=browser, now=service.clock(), steps=steps) if browser else None


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
    response = launch_page(
        title="Sign-in is temporarily unavailable",
        message="The sign-in service did not respond correctly. Try again in a moment.",
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        again=_retry_url(launch),
    )
    response.headers["Retry-After"] = "5"
    return response


def redirect(url: str) -> RedirectResponse:
    """Redirect with GET. ``SafeHeaders`` disables caching and the referrer."""
    return RedirectResponse(url, status_code=HTTPStatus.SEE_OTHER)
