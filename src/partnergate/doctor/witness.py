"""What a test browser passes on and keeps a copy of: the request to the partner, and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from partnergate.doctor.fetching import FetchFailed, FetchRefused
from partnergate.login.browser import Browser, LoginRefusedError
from partnergate.signin.trial import TrialHop

if TYPE_CHECKING:
    import requests

    from partnergate.doctor.fetching import Fetcher
    from partnergate.login.browser import Hop
    from partnergate.login.pages import Form


@dataclass(slots=True, kw_only=True)
class Witness:
    """Listens to one login. ``endpoint`` is where the partner's answers come back to the host."""

    host_url: str
    """The host's own Keycloak, which may be asked wherever it is."""
    partner_url: str
    """Where sign-in starts at the partner."""
    endpoint: str
    fetcher: Fetcher
    asked: str = ""
    """The host's authorization request, whole."""
    partner_error: str = ""
    saml_response: str = ""

    def browser(self) -> Browser:
        """A browser that this witness listens to, and that goes to allowed addresses alone."""
        return GuardedBrowser(on_form=self._form, on_redirect=self._redirect, guard=self.allow)

    def allow(self, url: str) -> None:
        """Raise ``LoginRefusedError`` for an address that nobody outside may make us ask."""
        there, host = urlsplit(url), urlsplit(self.host_url)
        if (there.scheme, there.netloc) == (host.scheme, host.netloc):
            return
        try:
            self.fetcher.refuse_unless_allowed(url)
        except (FetchRefused, FetchFailed) as refused:
            address = url.partition("?")[0]
            raise LoginRefusedError(f"{address} may not be asked: {refused}", page=None, hops=()) from refused

    def saw_address(self, url: str) -> None:
        """The browser is on its way to this address."""
        if url.startswith(self.partner_url) and not self.asked:
            self.asked = url
        if url.startswith(self.endpoint):
            query = parse_qs(urlsplit(url).query)
            self.partner_error = query.get("error", [""])[0]
            self.saml_response = query.get("SAMLResponse", [""])[0]

    def saw_form(self, action: str, saml_response: str) -> None:
        """The browser sends a form, with a SAML answer in it or nothing."""
        if action.startswith(self.endpoint) and saml_response:
            self.saml_response = saml_response

    def _redirect(self, url: str) -> str:
        self.saw_address(url)
        return url

    def _form(self, form: Form) -> Form:
        self.saw_form(form.action, dict(form.fields).get("SAMLResponse", ""))
        return form


@dataclass(slots=True)
class GuardedBrowser(Browser):
    """Asks before each request whether the address is allowed."""

    guard: Any = None

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        self.guard(url)
        return Browser.request(self, method, url, **arguments)


def hops_of(hops: tuple[Hop, ...]) -> tuple[TrialHop, ...]:
    """As the report keeps them."""
    return tuple(TrialHop(method=h.method, url=h.url, status=h.status, what=h.what) for h in hops)
