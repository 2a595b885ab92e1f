"""What a partner file says, after parsing, defaults and the overrides of one environment.

Values only: nothing here reads files or knows YAML. ``model.agreement`` has the commercial terms.
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
"""Never changes, never re-used: ``[a-z0-9][a-z0-9-]{1,62}``."""
PARTNER_ID: Final = "partner_id"
"""The name of the user attribute, the session note and the claim that carry it."""
Alias = NewType("Alias", str)
"""The alias of a Keycloak identity provider."""
EnvironmentName = NewType("EnvironmentName", str)


class Stage(StrEnum):
    """How far a partner is; decides in which environments it is deployed."""

    DRAFT = "draft"
    STAGING = "staging"
    LIVE = "live"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class SecretSource(StrEnum):
    """Where a secret is looked up. There is no literal."""

    VAULT = "vault"
    ENV = "env"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRef:
    """Names a secret; never holds it."""

    source: SecretSource
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Who to write to."""

    technical: tuple[str, ...] = ()
    billing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSignIn:
    """OpenID Connect. URLs are absolute; what discovery recorded is already filled in."""

    issuer: str
    authorization_url: str
    token_url: str
    jwks_url: str
    client_id: str
    client_secret: SecretRef | None
    client_authentication: str = "client_secret_basic"
    """``client_secret_basic``, ``client_secret_post`` or ``private_key_jwt``."""
    userinfo_url: str | None = None
    logout_url: str | None = None
    signing_algorithm: str | None = None
    """Only with ``private_key_jwt``: PS256, ES256 or RS256."""
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
    """Of the partner's identity provider."""
    sso_url: str
    certificates: tuple[str, ...] = ()
    """Base64 DER without armour; two during a rotation."""
    metadata_url: str | None = None
    """When set, Keycloak takes the signing keys from there."""
    slo_url: str | None = None
    sso_binding: str = "post"
    """How the browser carries a login request: ``post`` or ``redirect``."""
    slo_binding: str = "post"
    sp_entity_id: str | None = None
    """What the host calls itself towards this partner; default is the realm's URL."""
    name_id_format: str = "persistent"
    """``persistent``, ``unspecified`` or ``email``; ``transient`` is refused."""
    signature_algorithm: str = "RSA_SHA256"
    want_assertions_signed: bool = True
    want_assertions_encrypted: bool = False
    sign_requests: bool = True
    force_authn: bool = False
    clock_skew_seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Oauth2SignIn:
    """Plain OAuth 2.0: identity comes from the user-info endpoint alone."""

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
    """Grants a realm role (or group path) to users whose claims match all of ``when``."""

    when: tuple[tuple[str, str], ...]
    """(claim or attribute name, exact value), sorted; empty means every user of the partner."""
    grant: str | None = None
    """A realm role of the host."""
    group: str | None = None
    """A group path of the host."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Which claim (OIDC, OAuth 2.0) or attribute (SAML) becomes which user field."""

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
    """A provider that a cut-over left behind: deployed, disabled, its user links kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestUsers:
    """Users who are never billed, from a date on."""

    since: date
    subjects: tuple[str, ...] = ()
    email_domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A named, dated, reasoned exception from one security rule; the plan shows it."""

    code: str
    reason: str
    until: date
    approved_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingStep:
    """One step of the program. Names: contact, integration, terms, staging_test, launch, monitoring."""

    step: str
    owner: str
    due: date | None = None
    done: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """Where a partner comes from; ``commit`` is empty outside version control."""

    path: PurePosixPath
    sha256: str
    """Of the file's bytes, hexadecimal."""
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
        """The domains of all its providers, sorted, once each."""
        return tuple(sorted({d for p in self.providers for d in p.identity.email_domains}))
