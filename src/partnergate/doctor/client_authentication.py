"""How the host's client authenticates at a partner's token endpoint."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from partnergate.model.partner import Oauth2SignIn, OidcSignIn


def client_credentials(
    sign_in: OidcSignIn | Oauth2SignIn, secret: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the headers and form fields that authenticate the client (RFC 6749, section 2.3.1)."""
    if sign_in.client_authentication == "client_secret_basic":
        pair = f"{quote(sign_in.client_id, safe='')}:{quote(secret, safe='')}"
        return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}, {}
    return {}, {"client_id": sign_in.client_id, "client_secret": secret}
