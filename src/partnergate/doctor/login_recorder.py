"""Records the requests of a test login: the authorization request and the partner's response."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.doctor.pinned_connections import PinnedAdapter
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.signin.login_test import LoginHop

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import requests

    from partnergate.doctor.fetching import Fetcher
    from partnergate.login.browser import Hop
    from partnergate.login.pages import Form


@dataclass(slots=True, kw_only=True)
class LoginRecorder:
    """Records one login. ``endpoint`` is the host URL that receives the partner's responses."""

    host_url: str
    """The host's Keycloak, which is always allowed."""
    partner_url: str
    """The partner's sign-in URL."""
    endpoint: str
    fetcher: Fetcher
    now: Callable[[], datetime]
    accept_consent: bool = False
    """Whether the browser accepts the consent page of the partner."""
    authorization_url: str = ""
    """The complete authorization request from the host."""
    partner_error: str = ""
    saml_response: str = ""
    saml_response_at: datetime | None = None

    def browser(self) -> Browser:
        """Return a browser that reports to this recorder and requests allowed URLs only."""
        return GuardedBrowser(
            on_form=self._form,
            on_redirect=self._redirect,
            guard=self.allow,
            consent_origin=self.partner_url if self.accept_consent else "",
            adapter=PinnedAdapter(self.fetcher, trusted=self.host_url),
        )

    def allow(self, url: str) -> None:
        """Raise ``LoginRefusedError`` for a URL that the network policy does not allow."""
        there, host = urlsplit(url), urlsplit(self.host_url)
        if (there.scheme, there.netloc) == (host.scheme, host.netloc):
            return
        try:
            self.fetcher.checked_address(url)
        except (FetchRefused, FetchFailed) as refused:
            address = url.partition("?")[0]
            raise LoginRefusedError(f"{address} is not allowed: {refused}", page=None, hops=()) from refused

    def record_url(self, url: str) -> None:
        """Record that the browser requests this URL."""
        if url.startswith(self.partner_url) and not self.authorization_url:
            self.authorization_url = url
        if url.startswith(self.endpoint):
            query = parse_qs(urlsplit(url).query)
            self.partner_error = query.get("error", [""])[0]
            self._record_saml_response(query.get("SAMLResponse", [""])[0])

    def record_form(self, action: str, saml_response: str) -> None:
        """Record that the browser submits a form. ``saml_response`` is empty when the form has none."""
        if action.startswith(self.endpoint) and saml_response:
            self._record_saml_response(saml_response)

    def _record_saml_response(self, value: str) -> None:
        self.saml_response = value
        self.saml_response_at = self.now() if value else None

    def _redirect(self, url: str) -> str:
        self.record_url(url)
        return url

    def _form(self, form: Form) -> Form:
        self.record_form(form.action, dict(form.fields).get("SAMLResponse", ""))
        return form


@dataclass(slots=True, kw_only=True)
class GuardedBrowser(Browser):
    """Checks before each request whether the URL is allowed, and connects to the checked address."""

    guard: Callable[[str], None]
    adapter: PinnedAdapter

    def __post_init__(self) -> None:
        Browser.__post_init__(self)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, self.adapter)

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        self.guard(url)
        return Browser.request(self, method, url, **arguments)


def hops_of(hops: tuple[Hop, ...]) -> tuple[LoginHop, ...]:
    """Convert the hops for the report."""
    return tuple(LoginHop(method=h.method, url=h.url, status=h.status, what=h.what) for h in hops)
