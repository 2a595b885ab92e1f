"""Parses a page for the login over plain HTTP: its forms and its error message."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

_MESSAGE_MARKS = ("kc-error-message", "input-error", "kc-feedback-text", "alert-error", "pf-m-danger")
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form with the values that a browser would submit."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...] = ()
    """(field name, input type)."""

    @property
    def asks_password(self) -> bool:
        """Whether it is a login form."""
        return any(kind == "password" for _, kind in self.types)

    @property
    def carries_saml(self) -> bool:
        """Whether it forwards a SAML message, as self-submitting pages do."""
        return any(name in {"SAMLRequest", "SAMLResponse"} for name, _ in self.fields)

    def filled(self, **values: str) -> Form:
        """The same form with these fields set; missing fields are added."""
        merged = dict(self.fields) | values
        return Form(action=self.action, method=self.method, fields=tuple(merged.items()), types=self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTML page, as opposed to a redirect or an API response."""

    url: str
    status: int
    title: str
    text: str
    """The visible text, in one line."""
    forms: tuple[Form, ...]
    message: str
    """The error or notice on the page; empty when it has none."""


@dataclass(slots=True)
class _Reader(HTMLParser):
    url: str
    title: str = ""
    texts: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    forms: list[Form] = field(default_factory=list)
    _open: dict[str, str] | None = None
    _fields: list[tuple[str, str]] = field(default_factory=list)
    _types: list[tuple[str, str]] = field(default_factory=list)
    _path: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        marks = values.get("id", "") + " " + values.get("class", "")
        if tag not in _VOID:
            self._path.append((tag, any(mark in marks for mark in _MESSAGE_MARKS)))
        if tag == "form":
            self._open, self._fields, self._types = values, [], []
        elif tag in {"input", "button"} and self._open is not None and values.get("name"):
            kind = values.get("type", "text").lower()
            self._types.append((values["name"], kind))
            if kind not in {"checkbox", "radio"} or "checked" in values:
                self._fields.append((values["name"], values.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open is not None:
            action = urljoin(self.url, self._open.get("action", "") or self.url)
            method = self._open.get("method", "get").upper()
            self.forms.append(
                Form(action=action, method=method, fields=tuple(self._fields), types=tuple(self._types))
            )
            self._open = None
        while self._path:
            open_tag, _ = self._path.pop()
            if open_tag == tag:
                break

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if not words or any(tag in {"script", "style"} for tag, _ in self._path):
            return
        if any(tag == "title" for tag, _ in self._path):
            self.title += words
            return
        self.texts.append(words)
        if any(marked for _, marked in self._path):
            self.messages.append(words)


def read_page(url: str, status: int, html: str) -> Page:
    """Parse an HTML page."""
    reader = _Reader(url)
    reader.feed(html)
    reader.close()
    return Page(
        url=url,
        status=status,
        title=reader.title,
        text=" ".join(reader.texts),
        forms=tuple(reader.forms),
        message=" ".join(reader.messages),
    )
