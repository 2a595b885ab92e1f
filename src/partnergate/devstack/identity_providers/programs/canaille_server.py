"""Serves Canaille with its users, groups and one application in memory.

It asks for the user name first and for the password on a second page, then for consent.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.jose import make_default_rsa_jwk
from werkzeug.serving import run_simple


def fill(settings: dict[str, Any]) -> None:
    """Create the users, their groups and the application. Requires the context of the application."""
    backend = Backend.instance
    groups: dict[str, list[Any]] = {}
    for account in settings["accounts"]:
        user = models.User(
            user_name=account["user_name"],
            formatted_name=f"{account['given_name']} {account['family_name']}",
            given_name=account["given_name"],
            family_name=account["family_name"],
            emails=[account["email"]],
            password=account["password"],
        )
        backend.save(user)
        for group in account["groups"]:
            groups.setdefault(group, []).append(user)
    for name, members in groups.items():
        backend.save(models.Group(display_name=name, members=members))
    client = models.Client(
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        client_name="The host's product",
        client_uri="https://app.host.example",
        redirect_uris=[settings["redirect_uri"]],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email", "groups"],
        token_endpoint_auth_method=settings["client_authentication"],
        id_token_signed_response_alg="RS256",  # noqa: S106 - an algorithm
    )
    backend.save(client)
    client.audience = [client]
    backend.save(client)


def main(settings: dict[str, Any]) -> None:
    """Serve until the process is stopped."""
    app = create_app(
        {
            "SECRET_KEY": secrets.token_urlsafe(32),
            "SERVER_NAME": f"{settings['host']}:{settings['port']}",
            "PREFERRED_URL_SCHEME": "http",
            "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "CAPTCHA_ENABLED": False, "SMTP": None},
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [make_default_rsa_jwk().as_dict(private=True)],
                "TRUSTED_DOMAINS": [],
            },
        }
    )
    with app.app_context():
        fill(settings)
    run_simple(settings["host"], settings["port"], app, threaded=True)


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
