"""A headless browser: follows redirects, fills in login forms, forwards SAML posts.

It submits no other form. A page that offers to link accounts or to review a profile ends the walk. A
consent page is accepted only at the origin that the caller names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests

from partnergate.errors import PartnergateError
from partnergate.login.cookies import CookieJar
from partnergate.login.pages import Form, Page, read_page

_MOST_HOPS = 40
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_SECONDS = (5, 60)

FormHook = Callable[[Form], Form]
"""Changes a form before it is sent, as an attacker would change a message in transit."""
RedirectHook = Callable[[str], str]
"""Changes the URL of a redirect before it is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request of a walk, without its query string, which may contain codes and messages."""

    method: str
    url: str
    status: int
    what: str = ""
    """``login form``, ``consent``, ``SAML post``, ``redirect`` or ``page``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a user types in a login form."""

    username: str
    password: str = field(repr=False)


class Refusal(StrEnum):
    """Why a walk ended on a page."""

    CREDENTIALS_REJECTED = "credentials_rejected"
    """The page asks for the user name or the password again."""
    CREDENTIALS_MISSING = "credentials_missing"
    CONSENT = "consent"
    """The page asks the user for consent, which the caller has not allowed to accept."""
    UNKNOWN_FORM = "unknown_form"
    """The page asks for input that the walk does not have, such as a second factor."""
    PAGE = "page"
    """Any other page, such as an error."""


class LoginRefusedError(PartnergateError):
    """The walk ended on a page instead of at the application. ``page`` is what the user would see."""

    def __init__(
        self, why: str, *, page: Page | None, hops: tuple[Hop, ...], refusal: Refusal = Refusal.PAGE
    ) -> None:
        super().__init__(why, target=page.url.partition("?")[0] if page else "")
        self.page = page
        self.hops = hops
        self.refusal = refusal


class Walker(Protocol):
    """What a login needs from a browser: this one, or a window in which a user types."""

    hops: list[Hop]

    def walk(self, url: str, *, until: str, credentials: Credentials | None = None) -> str:
        """Open ``url``, continue until ``until`` is reached, and return that URL without requesting it."""
        ...

    def close(self) -> None:
        """Release its resources."""
        ...


@dataclass(slots=True)
class Browser:
    """A browser with its cookies and the requests made so far."""

    cookies: CookieJar = field(default_factory=CookieJar)
    on_form: FormHook = field(default=lambda form: form)
    on_redirect: RedirectHook = field(default=lambda url: url)
    consent_origin: str = ""
    """Scheme and host of the only server whose consent page is accepted; empty for none."""
    hops: list[Hop] = field(default_factory=list)
    _session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Close the connections; the cookies are kept."""
        self._session.close()

    def request(self, method: str, url: str, **arguments: Any) -> requests.Response:
        """One request with the cookies of this browser; redirects are not followed."""
        headers = {"Accept": "text/html,*/*"} | arguments.pop("headers", {})
        cookie = self.cookies.header(url)
        if cookie:
            headers["Cookie"] = cookie
        answer = self._session.request(
            method, url, headers=headers, allow_redirects=False, timeout=_SECONDS, **arguments
        )
        self.cookies.store(url, answer.raw.headers.getlist("Set-Cookie"))
        return answer

    def send(self, form: Form) -> requests.Response:
        """Submit a form as a browser does."""
        if form.method == "GET":
            return self.request("GET", form.action, params=list(form.fields))
        return self.request("POST", form.action, data=list(form.fields))

    def walk(self, url: str, *, until: str, credentials: Credentials | None = None) -> str:
        """Open ``url``, continue until ``until`` is reached, and return that URL without requesting it.

        ``credentials`` go into the first login form, or into a form for the user name and a later one for
        the password. A form that asks for them again means that they were rejected.
        Raises ``LoginRefusedError`` when the walk ends on a page.
        """
        start = len(self.hops)
        typing = _Typing(credentials)
        answer = self._go("GET", url)
        for _ in range(_MOST_HOPS):
            if answer.status_code in _REDIRECTS:
                target = self.on_redirect(urljoin(answer.url, answer.headers["Location"]))
                if is_at(target, until):
                    return target
                answer = self._go("GET", target)
                continue
            page = read_page(answer.url, answer.status_code, answer.text)
            try:
                form, what = self._next_form(page, typing)
            except _CannotContinueError as ended:
                raise LoginRefusedError(
                    ended.why, page=page, hops=tuple(self.hops[start:]), refusal=ended.refusal
                ) from None
            answer = self._submit(form, what)
        raise LoginRefusedError(
            f"the login did not finish within {_MOST_HOPS} requests", page=None, hops=tuple(self.hops[start:])
        )

    def _next_form(self, page: Page, typing: _Typing) -> tuple[Form, str]:
        """The form to submit on this page, filled in, and its name for the hop."""
        seen = page.message or page.text[:300] or page.title
        if page.status >= requests.codes.bad_request:
            # Some login pages respond with an error status when they reject a password.
            raise _CannotContinueError(seen, typing.refusal_of(page))
        for form in page.forms:
            if form.carries_saml:
                return form, "SAML post"
        for form in page.forms:
            if form.asks_password or form.asks_user_name:
                return typing.filled(form, page), "login form"
        for form in page.forms:
            button = form.consent_button
            if button is not None and typing.may_consent:
                if not self.consent_origin or _origin(page.url) != _origin(self.consent_origin):
                    raise _CannotContinueError(seen, Refusal.CONSENT)
                return form.pressed(button), "consent"
        asks = any(form.controls for form in page.forms)
        raise _CannotContinueError(seen, Refusal.UNKNOWN_FORM if asks else Refusal.PAGE)

    def _go(self, method: str, url: str) -> requests.Response:
        answer = self.request(method, url)
        what = "redirect" if answer.status_code in _REDIRECTS else "page"
        self._note(method, url, answer.status_code, what)
        return answer

    def _submit(self, form: Form, what: str) -> requests.Response:
        changed = self.on_form(form)
        answer = self.send(changed)
        self._note(changed.method, changed.action, answer.status_code, what)
        return answer

    def _note(self, method: str, url: str, status: int, what: str) -> None:
        self.hops.append(Hop(method=method, url=url.partition("?")[0], status=status, what=what))


class _CannotContinueError(Exception):
    """No form of the page can be submitted."""

    def __init__(self, why: str, refusal: Refusal) -> None:
        super().__init__(why)
        self.why, self.refusal = why, refusal


@dataclass(slots=True)
class _Typing:
    """What was typed during one walk."""

    credentials: Credentials | None
    user_name: bool = False
    password: bool = False

    @property
    def may_consent(self) -> bool:
        """A consent page follows the login, or a session without one."""
        return self.password or not self.user_name

    def refusal_of(self, page: Page) -> Refusal:
        """What an error page means: rejected credentials if it asks for them again."""
        again = self.password and any(form.asks_password or form.asks_user_name for form in page.forms)
        return Refusal.CREDENTIALS_REJECTED if again else Refusal.PAGE

    def filled(self, form: Form, page: Page) -> Form:
        """The login form with the credentials. Raises ``_CannotContinueError`` if they do not fit."""
        seen = page.message or page.text[:300] or page.title
        if self.credentials is None:
            raise _CannotContinueError(
                "a login form appeared, but no credentials were given", Refusal.CREDENTIALS_MISSING
            )
        if self.password or (self.user_name and not form.asks_password):
            raise _CannotContinueError(seen or "the login was refused", Refusal.CREDENTIALS_REJECTED)
        values = {}
        if form.user_field is not None:
            values[form.user_field] = self.credentials.username
            self.user_name = True
        elif not self.user_name:
            raise _CannotContinueError(seen or "the form has no user field", Refusal.UNKNOWN_FORM)
        if form.password_field is not None:
            values[form.password_field] = self.credentials.password
            self.password = True
        return form.filled(values).pressed()


def _origin(url: str) -> tuple[str, str]:
    split = urlsplit(url)
    return split.scheme, split.netloc


def is_at(url: str, until: str) -> bool:
    """Whether a URL is ``until``, with any query string."""
    actual, expected = urlsplit(url), urlsplit(until)
    return (actual.scheme, actual.netloc, actual.path) == (expected.scheme, expected.netloc, expected.path)
