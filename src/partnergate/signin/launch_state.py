"""The state of a launch between two requests: signed, short-lived and bound to one browser.

The value is the ``state`` parameter of the authorization request, so each tab has its own. A secret
in a cookie binds it to the browser, which prevents login CSRF (RFC 9700, section 4.7). The state
contains no secret; the PKCE verifier and the nonce are derived from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from partnergate.canonical_json import canonical_bytes
from partnergate.model.partner import Alias, PartnerId
from partnergate.signin.launch import Launch

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

LIFETIME_SECONDS: Final = 600


class Step(StrEnum):
    """What a state can be used for. A state of one step is refused by every other."""

    CHECK = "check"
    """The response of the first session check."""
    CONFIRM = "confirm"
    """The form with which the user confirms the end of another session. It is the CSRF token of the form."""
    CONFIRMED = "confirmed"
    """The session check and the logout after that form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchState:
    """One launch in progress."""

    launch: Launch
    browser: str
    """The secret of the browser's cookie."""
    unique: str
    """A random value, unique to this step of the launch."""
    step: Step = Step.CHECK


@dataclass(frozen=True, slots=True, kw_only=True)
class StateKey:
    """The signing key of the service. Each purpose uses a separate derived value."""

    value: bytes = field(repr=False)

    def _mac(self, purpose: str, text: str) -> bytes:
        return hmac.digest(self.value, f"{purpose}\0{text}".encode(), "sha256")

    def seal(self, state: LaunchState, *, now: datetime) -> str:
        """Return the signed ``state`` parameter."""
        content = {
            "a": state.launch.alias,
            "b": hashlib.sha256(state.browser.encode()).hexdigest(),
            "h": state.launch.login_hint,
            "p": state.launch.partner,
            "s": state.step.value,
            "t": state.launch.target,
            "u": state.unique,
            "x": int(now.timestamp()) + LIFETIME_SECONDS,
        }
        body = _text(canonical_bytes(content))
        return f"{body}.{_text(self._mac('state', body))}"

    def open(
        self, sealed: str, *, browser: str, now: datetime, steps: Collection[Step] = (Step.CHECK,)
    ) -> LaunchState | None:
        """Return the launch; None when it is forged, expired, of another step, or from another browser."""
        body, dot, mac = sealed.partition(".")
        if not dot or not hmac.compare_digest(_text(self._mac("state", body)).encode(), mac.encode()):
            return None
        try:
            content = json.loads(base64.urlsafe_b64decode(body + "=="))
        except (ValueError, binascii.Error):
            return None
        if content["x"] < now.timestamp():
            return None
        if not hmac.compare_digest(content["b"], hashlib.sha256(browser.encode()).hexdigest()):
            return None
        if content.get("s") not in steps:
            return None
        launch = Launch(
            partner=PartnerId(content["p"]),
            alias=Alias(content["a"]),
            target=content["t"],
            login_hint=content["h"],
        )
        return LaunchState(launch=launch, browser=browser, unique=content["u"], step=Step(content["s"]))

    def nonce(self, state: LaunchState) -> str:
        """Return the ``nonce`` of the session check."""
        return _text(self._mac("nonce", state.unique + state.browser))

    def code_verifier(self, state: LaunchState) -> str:
        """Return the PKCE verifier (RFC 7636): 43 characters that only the service can derive."""
        return _text(self._mac("pkce", state.unique + state.browser))

    def code_challenge(self, state: LaunchState) -> str:
        """Return the S256 challenge of the PKCE verifier."""
        return _text(hashlib.sha256(self.code_verifier(state).encode()).digest())


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
