"""The input that rules receive: a provider in one environment, or a partner file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from partnergate.model.partner import SamlSignIn

if TYPE_CHECKING:
    from datetime import date

    from partnergate.language.text.tree import Path
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import (
        Identity,
        Oauth2SignIn,
        OidcSignIn,
        PartnerSpec,
        ProviderSpec,
        Stage,
    )

URL_KEYS = (
    "issuer",
    "authorization_url",
    "token_url",
    "jwks_url",
    "userinfo_url",
    "logout_url",
    "sso_url",
    "slo_url",
)


def urls_of(sign_in: OidcSignIn | SamlSignIn | Oauth2SignIn, path: Path) -> tuple[tuple[Path, str], ...]:
    """Return every URL of the partner that Keycloak or a browser opens, for a provider at ``path``."""
    found = [((*path, "sign_in", key), url) for key in URL_KEYS if (url := getattr(sign_in, key, None))]
    if isinstance(sign_in, SamlSignIn) and sign_in.metadata_url:
        found.append(((*path, "sign_in", "metadata", "url"), sign_in.metadata_url))
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAt:
    """A provider in one environment and its position in the file."""

    partner: str
    name: str
    provider: ProviderSpec
    path: Path
    identity_path: Path
    realm: RealmSpec
    stage: Stage
    urls: tuple[tuple[Path, str], ...]
    """The result of ``urls_of``, computed once for all rules."""

    @property
    def sign_in(self) -> OidcSignIn | SamlSignIn | Oauth2SignIn:
        return self.provider.sign_in

    @property
    def identity(self) -> Identity:
        return self.provider.identity

    def sign(self, *steps: str | int) -> Path:
        """Return the path of a key in ``sign_in``."""
        return (*self.path, "sign_in", *steps)

    def who(self, *steps: str | int) -> Path:
        """Return the path of a key in ``identity``."""
        return (*self.identity_path, *steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerAt:
    """A partner file. ``partner`` contains its well-formed parts."""

    partner: PartnerSpec
    present: frozenset[str]
    """Top-level keys of the file."""
    today: date | None
    """None if no rule may depend on the date."""
