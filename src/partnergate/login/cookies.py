"""Cookies of the login over plain HTTP: stored by host and path, and sent even if they are marked Secure.

Keycloak marks its cookies Secure. Browsers make an exception for http://localhost; the cookie jar of
the standard library does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class CookieJar:
    """A browser's cookies. Pass the same jar again to act as the same user."""

    _kept: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def store(self, url: str, set_cookie: Iterable[str]) -> None:
        """Store the cookies that a response from ``url`` sets; an expired cookie is removed."""
        parts = urlsplit(url)
        for line in set_cookie:
            try:
                parsed = SimpleCookie(line)
            except CookieError:
                continue
            for name, morsel in parsed.items():
                path = morsel["path"] or parts.path.rpartition("/")[0] or "/"
                key = (parts.hostname or "", path, name)
                if morsel["max-age"] == "0" or "1970" in morsel["expires"] or not morsel.value:
                    self._kept.pop(key, None)
                else:
                    self._kept[key] = morsel.value

    def header(self, url: str) -> str:
        """The ``Cookie`` header for a request to ``url``, the longest path first; may be empty."""
        parts = urlsplit(url)
        path = parts.path or "/"
        fitting = [
            (kept_path, name, value)
            for (host, kept_path, name), value in self._kept.items()
            if host == parts.hostname and _within(path, kept_path)
        ]
        fitting.sort(key=lambda cookie: (-len(cookie[0]), cookie[1]))
        return "; ".join(f"{name}={value}" for _, name, value in fitting)

    def names(self) -> frozenset[str]:
        """The names of all stored cookies."""
        return frozenset(name for _, _, name in self._kept)

    def forget(self) -> None:
        """Remove all cookies."""
        self._kept.clear()


def _within(path: str, cookie_path: str) -> bool:
    prefix = cookie_path if cookie_path.endswith("/") else cookie_path + "/"
    return path == cookie_path or path.startswith(prefix)
