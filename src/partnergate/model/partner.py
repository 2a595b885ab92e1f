"""The typed form of a partner file with defaults and the overrides of one environment applied.

Only values: nothing here reads files or parses YAML. ``model.agreement`` contains the commercial terms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NewType

if TYPE_CHECKING:
    from datetime import date
    from pathlib import PurePosixPath

    from partnergate.model.agreement import Agreement

PartnerId = NewType("PartnerId", str)
"""Never changes and is never reused: ``[a-z0-9][a-z0-9-]{1,62}``."""
PARTNER_ID: Final = "partner_id"
"""The name of the user attribute, the session note, and the claim that carry it."""
Alias = NewType("Alias", str)
"""The alias of a Keycloak identity provider."""
EnvironmentName = NewType("EnvironmentName", str)


class Stage(StrEnum):
    """Onboarding stage of a partner. Determines the environments in which it is deployed."""

    DRAFT = "draft"
    STAGING = "staging"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class SecretSource(StrEnum):
    """Where a secret is stored. Secrets in plain text are not supported."""

    VAULT = "vault"
    ENV = "env"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """A reference to a secret, never the secret itself."""

    source: SecretSource
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Contact addresses."""

    technical: tuple[str, ...] = ()
    billing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSignIn:
    """OpenID Connect. URLs are absolute, and recorded values are already merged."""

    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    client_id: str
    client_secret: SecretRef | None
    client_authentication: str = "client_secret_basic"
    """``client_secret_basic``, ``client_secret_post``, or ``private_key_jwt``."""
    userinfo_url: str | None = None
    logout_url: str | None = None
    signing_algorithm: str | None = None
    """Only with ``private_key_jwt``: PS256, ES256, or RS256."""
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    use_userinfo: bool = False
    pkce: bool = True
    clock_skew_seconds: int = 0
    prompt: str | None = None
    backchannel_logout: bool = False
    forward_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SamlSignIn:
    """SAML 2.0, Keycloak as service provider."""

    entity_id: str
    """Entity ID of the partner's identity provider."""
    sso_url: str
    certificates: tuple[str, ...] = ()
    """Base64 DER without armor; two during a rotation."""
    metadata_url: str | None = None
    """If set, Keycloak loads the signing keys from this URL."""
    slo_url: str | None = None
    sso_binding: str = "post"
    """How the browser sends a login request: ``post`` or ``redirect``."""
    slo_binding: str = "post"
    sp_entity_id: str | None = None
    """Entity ID of the host for this partner; by default the URL of the realm."""
    name_id_format: str = "persistent"
    """``persistent``, ``unspecified``, or ``email``; ``transient`` is rejected."""
    signature_algorithm: str = "RSA_SHA256"
    want_assertions_signed: bool = True
    want_assertions_encrypted: bool = False
    sign_requests: bool = True
    force_authn: bool = False
    clock_skew_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Oauth2SignIn:
    """OAuth 2.0 without OpenID Connect: the identity comes only from the user info endpoint."""

    authorization_url: str
    token_url: str
    userinfo_url: str
    client_id: str
    client_secret: SecretRef | None
    client_authentication: str = "client_secret_basic"
    scopes: tuple[str, ...] = ()
    pkce: bool = True
    prompt: str | None = None
    forward_parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """Grants a realm role or a group to users whose claims match all of ``when``."""

    when: tuple[tuple[str, str], ...]
    """(claim or attribute name, exact value), sorted. Empty means every user of the partner."""
    grant: str | None = None
    """Role in the host's realm."""
    group: str | None = None
    """Group path in the host's realm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which claim (OIDC, OAuth 2.0) or attribute (SAML) sets which user field."""

    subject: str
    """Stable identifier: a claim name, or for SAML ``name_id`` or an attribute name.

    The Keycloak user name is always ``<alias>.<subject>``.
    """
    email: str | None = "email"
    first_name: str | None = None
    last_name: str | None = None
    email_domains: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    """(host attribute, partner claim), sorted."""
    roles: tuple[RoleGrant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpec:
    """One identity provider of a partner."""

    alias: Alias
    sign_in: OidcSignIn | SamlSignIn | Oauth2SignIn
    identity: Identity
    retired: bool = False
    """Previous provider of a migration: deployed but disabled, the links of its users are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestUsers:
    """Users whose usage is not billed from one day to another."""

    since: date
    until: date | None = None
    """The last day; files always have one, and only versions recorded earlier have none."""
    subjects: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()
    """Only in versions recorded earlier: files list exact subjects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A named, dated, and justified exception to one security rule. Shown in plans."""

    code: str
    reason: str
    until: date
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingStep:
    """One onboarding step: contact, integration, terms, staging_test, launch, or monitoring."""

    step: str
    owner: str
    due: date | None = None
    done: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """The file that defines a partner. ``commit`` is empty outside version control."""

    path: PurePosixPath
    sha256: str
    """Hexadecimal hash of the file content."""
    commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSpec:
    """One partner in one environment."""

    partner: PartnerId
    name: str
    stage: Stage
    environment: EnvironmentName
    source: SourceFile
    contacts: Contacts = Contacts()
    providers: tuple[ProviderSpec, ...] = ()
    test_users: tuple[TestUsers, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    onboarding: tuple[OnboardingStep, ...] = ()

    @property
    def email_domains(self) -> tuple[str, ...]:
        """Return the domains of all providers, sorted, without duplicates."""
        return tuple(sorted({d for p in self.providers for d in p.identity.email_domains}))
