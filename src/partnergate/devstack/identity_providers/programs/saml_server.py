"""Serves djangosaml2idp, with the login page of Django's administration.

``saml_server.py SETTINGS`` serves. ``saml_server.py SETTINGS METADATA`` registers a service provider in the
database of a running server, before its first login.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import sys
from pathlib import Path
from typing import Any
from wsgiref.simple_server import make_server

import django
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings as django_settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.mdstore import MetaDataFile
from saml2.saml import NAMEID_FORMAT_PERSISTENT

_VALID = (dt.datetime(2020, 1, 1), dt.datetime(2049, 12, 31))  # noqa: DTZ001 - in UTC
urlpatterns: list[Any] = []
"""Django reads them from this module; ``main`` adds them, because they need the configuration."""


def configure(settings: dict[str, Any]) -> None:
    """Configure Django and the identity provider; models can be imported afterwards."""
    directory = Path(settings["directory"])
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    if not key.exists():
        make_key(key, certificate)
    url = settings["url"]
    django_settings.configure(
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS=[settings["host"]],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            *("django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes"),
            *("django.contrib.sessions", "django.contrib.messages", "django.contrib.staticfiles"),
            "djangosaml2idp",
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
            "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(directory / "provider.sqlite3")}
        },
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        LOGIN_URL="/admin/login/",
        STATIC_URL="/static/",
        USE_TZ=False,  # djangosaml2idp compares the expiry of metadata with a naive time
        SAML_IDP_CONFIG={
            "entityid": f"{url}/idp/metadata/",
            "service": {
                "idp": {
                    "name": "The partner",
                    "endpoints": {
                        "single_sign_on_service": [
                            (f"{url}/idp/sso/post/", BINDING_HTTP_POST),
                            (f"{url}/idp/sso/redirect/", BINDING_HTTP_REDIRECT),
                        ]
                    },
                    "name_id_format": [NAMEID_FORMAT_PERSISTENT],
                    "sign_response": False,
                    "sign_assertion": True,
                    "want_authn_requests_signed": True,
                }
            },
            "key_file": str(key),
            "cert_file": str(certificate),
            "encryption_keypairs": [],
        },
    )
    django.setup()


def make_key(key: Path, certificate: Path) -> None:
    """Write a signing key and its self-signed certificate."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "partner")])
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(made.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_VALID[0])
        .not_valid_after(_VALID[1])
        .sign(made, hashes.SHA256())
    )
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    key.touch(mode=0o600)
    key.write_bytes(private)
    certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def fill(settings: dict[str, Any]) -> None:
    """Create the users."""
    from django.contrib.auth.models import User  # noqa: PLC0415 - only after the configuration

    call_command("migrate", verbosity=0)
    for account in settings["accounts"]:
        User.objects.create_user(
            account["user_name"],
            account["email"],
            account["password"],
            first_name=account["given_name"],
            last_name=account["family_name"],
            is_staff=True,  # otherwise the login page of the administration rejects the user
        )


def register(metadata: Path) -> None:
    """Register the service provider that this metadata file describes."""
    from djangosaml2idp.models import ServiceProvider  # noqa: PLC0415

    (entity_id,) = _entity_ids(metadata)
    ServiceProvider.objects.create(
        # The product writes metadata to a shared directory, under this number.
        id=secrets.randbelow(2**31),
        entity_id=entity_id,
        pretty_name="The host's product",
        _sign_assertion=True,
        local_metadata=metadata.read_text(encoding="utf-8"),
        metadata_expiration_dt=dt.datetime(9999, 1, 1),  # noqa: DTZ001 - see USE_TZ
        _attribute_mapping=json.dumps(
            {
                "email": "email",
                "first_name": "given_name",
                "last_name": "family_name",
                "is_staff": "employeeType",
            }
        ),
    )


def _entity_ids(metadata: Path) -> list[str]:
    read = MetaDataFile(None, str(metadata))
    read.load()
    return list(read.entity.keys())


def main(settings: dict[str, Any]) -> None:
    """Serve until the process is stopped."""
    from django.contrib import admin  # noqa: PLC0415

    urlpatterns.extend([path("admin/", admin.site.urls), path("idp/", include("djangosaml2idp.urls"))])
    fill(settings)
    with make_server(settings["host"], settings["port"], get_wsgi_application()) as server:
        server.serve_forever()


if __name__ == "__main__":
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    configure(given)
    if sys.argv[2:]:
        register(Path(sys.argv[2]))
    else:
        main(given)
