"""The third-party identity providers: where each comes from, and what it needs on this machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

_LOCKS = Path(__file__).parent / "locks"
_PROGRAMS = Path(__file__).parent / "programs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Software:
    """One identity provider of a public registry."""

    name: str
    protocol: Literal["oidc", "oauth2", "saml"]
    registry: Literal["pypi", "npm"]
    lock: Path
    """``pypi``: requirements with hashes. ``npm``: the directory of ``package.json`` and its lock file."""
    program: Path
    ready_path: str
    """A path that responds with success when the provider is ready."""
    commands: tuple[tuple[str, str], ...] = ()
    """(command, Debian package) that must be on this machine."""


OIDC_PROVIDER = Software(
    name="oidc-provider",
    protocol="oidc",
    registry="npm",
    lock=_LOCKS / "oidc_provider",
    program=_PROGRAMS / "oidc_provider_server.mjs",
    ready_path="/.well-known/openid-configuration",
    commands=(("node", "nodejs"), ("npm", "npm")),
)
"""Logs users in with the fields ``login`` and ``password``, and asks for consent."""
CANAILLE = Software(
    name="canaille",
    protocol="oidc",
    registry="pypi",
    lock=_LOCKS / "canaille.txt",
    program=_PROGRAMS / "canaille_server.py",
    ready_path="/.well-known/openid-configuration",
)
"""Asks for the user name and for the password on separate pages, then for consent."""
DJANGO_OAUTH_TOOLKIT = Software(
    name="django-oauth-toolkit",
    protocol="oauth2",
    registry="pypi",
    lock=_LOCKS / "django_oauth_toolkit.txt",
    program=_PROGRAMS / "oauth_toolkit_server.py",
    ready_path="/admin/login/",
)
"""Plain OAuth 2.0 with a user-info document whose email address is nested; asks for consent."""
DJANGOSAML2IDP = Software(
    name="djangosaml2idp",
    protocol="saml",
    registry="pypi",
    lock=_LOCKS / "djangosaml2idp.txt",
    program=_PROGRAMS / "saml_server.py",
    ready_path="/idp/metadata/",
    commands=(("xmlsec1", "xmlsec1"),),
)
"""SAML 2.0: verifies the signature of the request, and signs the assertion."""


def missing_requirement(software: Software) -> str:
    """Explain which command is missing on this machine; empty when the provider can run."""
    missing = [(command, package) for command, package in software.commands if shutil.which(command) is None]
    if not missing:
        return ""
    commands = " and ".join(command for command, _ in missing)
    packages = " ".join(package for _, package in missing)
    return f"{software.name} needs {commands}, which is not installed (on Debian: apt-get install {packages})"
