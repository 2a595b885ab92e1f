"""A sign-in page in front of a partner's script: a password form, a consent page, or a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hostile.server import Reply

if TYPE_CHECKING:
    from hostile.server import Request, Script

USER, PASSWORD = "ann", "ann-pass"
_LOGIN = (
    '<form method="post" action="/login"><p>{message}</p>'
    '<input name="login"><input type="password" name="secret"><button>Sign in</button></form>'
)
_CONSENT = (
    '<form method="post" action="/consent"><button name="answer" value="deny">Deny</button>'
    '<button name="answer" value="accept">Accept</button></form>'
)
_SECOND_FACTOR = '<form method="post" action="/code"><p>Enter your code</p><input name="otp"></form>'


@dataclass(slots=True, kw_only=True)
class BehindLoginPage:
    """Shows a login page before the script responds, as the providers of real partners do."""

    script: Script
    asks_consent: bool = False
    asks_code: bool = False
    _begun: Request | None = None

    def reply(self, request: Request) -> Reply:
        """Respond with the next page; the script responds after the last one."""
        match request.path:
            case "/authorize" | "/sso":
                self._begun = request
                return _page(_LOGIN.format(message=""))
            case "/login":
                if (request.form.get("login"), request.form.get("secret")) != (USER, PASSWORD):
                    # The word "redirect" must not lead to another reason.
                    return _page(_LOGIN.format(message="Wrong password; you were redirected here."))
                if self.asks_code:
                    return _page(_SECOND_FACTOR)
                return _page(_CONSENT) if self.asks_consent else self._continue()
            case "/consent" if request.form.get("answer") == "accept":
                return self._continue()
            case _:
                return self.script.reply(request)

    def _continue(self) -> Reply:
        if self._begun is None:
            return Reply(status=400)
        return self.script.reply(self._begun)


def _page(html: str) -> Reply:
    return Reply(content_type="text/html", body=html.encode())
