"""Parses a page for the login over plain HTTP: its forms and its error message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

if TYPE_CHECKING:
    from collections.abc import Mapping

_MESSAGE_MARKS = ("kc-error-message", "input-error", "kc-feedback-text", "alert-error", "pf-m-danger")
_TEXT_KINDS: Final = frozenset({"text", "email", "tel"})
_NOT_FILLED_IN: Final = frozenset({"hidden", "submit", "button", "image", "reset", "checkbox", "radio"})
_USER_NAMES: Final = frozenset(
    {
        *("username", "user", "userid", "userlogin", "login", "loginname", "loginid", "loginfmt", "uid"),
        *("email", "emailaddress", "mail", "identifier", "identity", "account", "accountname", "jusername"),
        *("ssousername", "upn", "userprincipalname", "principal", "httpdusername"),
    }
)
"""Names of user fields, lower case and letters only."""
_CONSENT_WORDS: Final = frozenset(
    {
        *("accept", "allow", "approve", "authorize", "authorise", "confirm", "consent", "continue", "grant"),
        *("agree", "iagree", "iaccept", "yes"),
    }
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A field of a form that a user can fill in."""

    name: str
    kind: str
    """The input type, such as ``text`` or ``password``."""
    autocomplete: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A button that submits its form."""

    name: str
    """Empty for a button that adds no field."""
    value: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form with the values that a browser would submit."""

    action: str
    method: str
    fields: tuple[tuple[str, str], ...]
    """Without buttons, because only the pressed one is submitted."""
    controls: tuple[Control, ...] = ()
    """The visible fields."""
    buttons: tuple[Button, ...] = ()

    @property
    def asks_password(self) -> bool:
        """Whether it is a login form."""
        return self.password_field is not None

    @property
    def password_field(self) -> str | None:
        """The name of the only password field; None if it has none or several, as for a new password."""
        found = [control.name for control in self.controls if control.kind == "password"]
        return found[0] if len(found) == 1 else None

    @property
    def user_field(self) -> str | None:
        """The name of the field for the user name; None if no field is recognized as such.

        A field is recognized by its ``autocomplete``, by its name, or as the only text field next to a
        password.
        """
        texts = [control for control in self.controls if control.kind in _TEXT_KINDS]
        for control in texts:
            if "username" in control.autocomplete.split():
                return control.name
        for control in texts:
            if _simple(control.name) in _USER_NAMES:
                return control.name
        return texts[0].name if len(texts) == 1 and self.asks_password else None

    @property
    def asks_user_name(self) -> bool:
        """Whether it asks for the user name only, before another page asks for the password."""
        return self.method == "POST" and len(self.controls) == 1 and self.user_field is not None

    @property
    def consent_button(self) -> Button | None:
        """The button that grants consent, if the form asks for nothing else."""
        if self.controls or self.carries_saml:
            return None
        for button in self.buttons:
            if {_simple(button.name), _simple(button.value)} & _CONSENT_WORDS:
                return button
        return next((button for button in self.buttons if _simple(button.text) in _CONSENT_WORDS), None)

    @property
    def carries_saml(self) -> bool:
        """Whether it forwards a SAML message, as self-submitting pages do."""
        return any(name in {"SAMLRequest", "SAMLResponse"} for name, _ in self.fields)

    def filled(self, values: Mapping[str, str]) -> Form:
        """The same form with these fields set; missing fields are added."""
        return replace(self, fields=tuple((dict(self.fields) | dict(values)).items()))

    def pressed(self, button: Button | None = None) -> Form:
        """The form as a press of ``button`` submits it; by default the first one, as with the Enter key."""
        used = button or next(iter(self.buttons), None)
        if used is None or not used.name:
            return self
        return replace(self, fields=(*self.fields, (used.name, used.value)))


def _simple(text: str) -> str:
    """Lower case, without everything but letters."""
    return "".join(letter for letter in text.lower() if letter.isalpha())


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
    _controls: list[Control] = field(default_factory=list)
    _buttons: list[Button] = field(default_factory=list)
    _texts_before_button: int | None = None
    """How many texts precede the button that is open; None when no button is."""
    _path: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        marks = values.get("id", "") + " " + values.get("class", "")
        if tag not in _VOID:
            self._path.append((tag, any(mark in marks for mark in _MESSAGE_MARKS)))
        if tag == "form":
            self._open, self._fields, self._controls, self._buttons = values, [], [], []
        elif tag in {"input", "button"} and self._open is not None:
            self._add_control(tag, values)

    def _add_control(self, tag: str, values: dict[str, str]) -> None:
        name, value = values.get("name", ""), values.get("value", "")
        kind = values.get("type", "submit" if tag == "button" else "text").lower()
        if kind in {"submit", "image"}:
            self._buttons.append(Button(name=name, value=value, text="" if tag == "button" else value))
            if tag == "button":
                self._texts_before_button = len(self.texts)
            return
        if not name or kind in {"button", "reset"}:
            return
        if kind not in _NOT_FILLED_IN:
            self._controls.append(
                Control(name=name, kind=kind, autocomplete=values.get("autocomplete", "").lower())
            )
        if kind not in {"checkbox", "radio"} or "checked" in values:
            self._fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open is not None:
            action = urljoin(self.url, self._open.get("action", "") or self.url)
            method = self._open.get("method", "get").upper()
            self.forms.append(
                Form(
                    action=action,
                    method=method,
                    fields=tuple(self._fields),
                    controls=tuple(self._controls),
                    buttons=tuple(self._buttons),
                )
            )
            self._open = None
        if tag == "button" and self._texts_before_button is not None and self._buttons:
            text = " ".join(self.texts[self._texts_before_button :])
            self._buttons[-1] = replace(self._buttons[-1], text=text)
            self._texts_before_button = None
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
