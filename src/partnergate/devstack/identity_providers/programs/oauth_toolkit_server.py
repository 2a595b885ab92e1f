"""Serves Django OAuth Toolkit as a plain OAuth 2.0 server, with the login page of Django's administration.

The user-info URL is an ordinary protected resource: ``/api/me`` returns a JSON document about the user.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import django
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

NESTED = "profile"
"""The key of the user-info document that contains the email address and the names."""
urlpatterns: list[Any] = []
"""Django reads them from this module; ``main`` adds them, because they need the configuration."""


def configure(settings: dict[str, Any]) -> None:
    """Configure Django; models can be imported afterwards."""
    django_settings.configure(
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS=[settings["host"]],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
            *("django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles"),
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ]
                },
            }
        ],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": str(Path(settings["directory"]) / "provider.sqlite3"),
            }
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/admin/login/",
        STATIC_URL="/static/",
        USE_TZ=True,
        OAUTH2_PROVIDER={
            "SCOPES": {"read": "Read your profile"},
            "DEFAULT_SCOPES": ["read"],
            "PKCE_REQUIRED": True,
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
        },
    )
    django.setup()


def fill(settings: dict[str, Any]) -> None:
    """Create the users, their groups and the application."""
    from django.contrib.auth.models import Group, User  # noqa: PLC0415 - only after the configuration
    from oauth2_provider.models import Application  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    for account in settings["accounts"]:
        user = User.objects.create_user(
            account["user_name"],
            account["email"],
            account["password"],
            first_name=account["given_name"],
            last_name=account["family_name"],
            is_staff=True,  # otherwise the login page of the administration rejects the user
        )
        user.groups.set([Group.objects.get_or_create(name=name)[0] for name in account["groups"]])
    Application.objects.create(
        name="The host's product",
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        redirect_uris=settings["redirect_uri"],
    )


def me(request: HttpRequest) -> JsonResponse:
    """Return the user of the access token."""
    from oauth2_provider.decorators import protected_resource  # noqa: PLC0415

    @protected_resource(scopes=["read"])  # type: ignore[untyped-decorator]
    def document(request: Any) -> JsonResponse:
        user = request.resource_owner
        profile = {"email": user.email, "given_name": user.first_name, "family_name": user.last_name}
        return JsonResponse(
            {
                "id": str(user.pk),
                "login": user.get_username(),
                NESTED: profile,
                "groups": [group.name for group in user.groups.all()],
            }
        )

    response: JsonResponse = document(request)
    return response


def main(settings: dict[str, Any]) -> None:
    """Serve until the process is stopped."""
    configure(settings)
    from django.contrib import admin  # noqa: PLC0415 - only after the configuration

    urlpatterns.extend(
        [
            path("admin/", admin.site.urls),
            path("o/", include("oauth2_provider.urls")),
            path("api/me", me),
        ]
    )
    fill(settings)
    with make_server(settings["host"], settings["port"], get_wsgi_application()) as server:
        server.serve_forever()


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
