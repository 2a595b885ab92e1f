"""A headless browser: follows redirects, fills in login forms, forwards SAML posts.

It submits no other form. A page that offers to link accounts or to review a profile ends the walk.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
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
    """``login form``, ``SAML post``, ``redirect`` or ``page``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a user types in a login form."""

    username: str
    password: str = field(repr=False)


class LoginRefusedError(PartnergateError):
    """The walk ended on a page instead of at the application. ``page`` is what the user would see."""

    def __init__(self, why: str, *, page: Page | None, hops: tuple[Hop, ...]) -> None:
        super().__init__(why, target=page.url.partition("?")[0] if page else "")
        self.page = page
        self.hops = hops


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

        ``credentials`` go into the first login form; a second login form means that they were rejected.
        Raises ``LoginRefusedError`` when the walk ends on a page.
        """
        start = len(self.hops)
        typed = False
        answer = self._go("GET", url)
        for _ in range(_MOST_HOPS):
            if answer.status_code in _REDIRECTS:
                target = self.on_redirect(urljoin(answer.url, answer.headers["Location"]))
                if is_at(target, until):
                    return target
                answer = self._go("GET", target)
                continue
            page = read_page(answer.url, answer.status_code, answer.text)
            form = next((f for f in page.forms if f.carries_saml or f.asks_password), None)
            if form is None or answer.status_code >= requests.codes.bad_request:
                raise self._refused(page.message or page.text[:300] or page.title, page, start)
            if form.asks_password:
                if credentials is None or typed:
                    why = page.message if typed else "a login form appeared, but no credentials were given"
                    raise self._refused(why or "the login was refused", page, start)
                form = form.filled(username=credentials.username, password=credentials.password)
                typed = True
                answer = self._submit(form, "login form")
            else:
                answer = self._submit(form, "SAML post")
        raise self._refused(f"the login did not finish within {_MOST_HOPS} requests", None, start)

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

    def _refused(self, why: str, page: Page | None, start: int) -> LoginRefusedError:
        return LoginRefusedError(why, page=page, hops=tuple(self.hops[start:]))


def is_at(url: str, until: str) -> bool:
    """Whether a URL is ``until``, with any query string."""
    actual, expected = urlsplit(url), urlsplit(until)
    return (actual.scheme, actual.netloc, actual.path) == (expected.scheme, expected.netloc, expected.path)
