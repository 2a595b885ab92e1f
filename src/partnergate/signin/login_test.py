"""The result of one test login: requests, received claims, mapping results and the failure reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn, Stage
from partnergate.signin.observations import Expected, values_by_name
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partnergate.model.partner import Alias, Identity, PartnerId, PartnerSpec, ProviderSpec
    from partnergate.signin.failure_reasons import Reason
    from partnergate.signin.observations import Arrived, Protocol

NAME_ID: Final = "NameID"
_OPEN: Final = frozenset({"iss", "aud", "azp", "exp", "iat", "nbf", "acr", "amr", "typ", "email_verified"})
"""Protocol claims, which contain no user data and are shown unmasked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginHop:
    """One request of the login."""

    method: str
    url: str
    """Without the query, which contains codes and messages."""
    status: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedClaim:
    """One claim or attribute, masked for display."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """The result of one mapping of the partner file."""

    field: str
    """A field of the host's user, or a role, such as ``role workspace-admin``."""
    claim: str
    arrived: bool | None
    """None when the received claims could not be inspected."""
    result: str
    """Masked when it contains personal data."""


RECEIVED: Final = {True: "yes", False: "no", None: "unknown"}
"""Display text for whether a claim was received."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTest:
    """The result of one test login with one provider."""

    partner: PartnerId
    alias: Alias
    environment: str
    protocol: Protocol
    at: datetime
    passed: bool
    hops: tuple[LoginHop, ...]
    arrived: tuple[MaskedClaim, ...] | None
    mapped: tuple[Mapped, ...] = ()
    reason: Reason | None = None
    details: tuple[str, ...] = ()
    """What was observed, for the operators of the host and the partner."""


def stage_note(partner: PartnerSpec, environment: str, stages: tuple[Stage, ...]) -> str:
    """Explain why the partner's stage prevents all logins in this environment; empty when it does not."""
    match partner.stage:
        case Stage.SUSPENDED | Stage.RETIRED:
            return f"the partner's stage is {partner.stage.value}, so the realm refuses its logins"
        case stage if stage is Stage.DRAFT or stage not in stages:
            return f"the partner's stage is {stage.value}, so it is not deployed to {environment}"
        case _:
            return ""


def masked(value: str) -> str:
    """Mask a value: recognizable to readers who know it, and not disclosed to others."""
    if not value:
        return ""
    local, at, domain = value.rpartition("@")
    if at and "." in domain:
        return f"{local[:1]}***@{domain}"
    start = value[:1] if len(value) > 1 else ""
    return f"{start}*** ({counted(len(value), 'character')})"


def shown(arrived: tuple[Arrived, ...]) -> tuple[MaskedClaim, ...]:
    """Mask the values of every claim except protocol claims; sorted by name.

    A claim that contains others is shown by these.
    """
    names = [claim.name for claim in arrived]
    found: dict[str, list[str]] = {}
    for claim in arrived:
        if any(name.startswith(f"{claim.name}.") for name in names):
            continue
        # SAML can send a separate attribute for each value.
        found.setdefault(claim.name, []).extend(v if claim.name in _OPEN else masked(v) for v in claim.values)
    return tuple(MaskedClaim(name=name, value=", ".join(values)) for name, values in sorted(found.items()))


def subject_claim(provider: ProviderSpec) -> str:
    """Return the name of the claim or attribute that contains the subject."""
    if isinstance(provider.sign_in, SamlSignIn) and provider.identity.subject == "name_id":
        return NAME_ID
    return provider.identity.subject


def mapped_claims(provider: ProviderSpec) -> frozenset[str]:
    """Return the names of every claim or attribute that the host uses."""
    identity = provider.identity
    fields = (subject_claim(provider), identity.email, identity.first_name, identity.last_name)
    return frozenset(
        (
            *filter(None, fields),
            *(claim for _, claim in identity.attributes),
            *(claim for grant in identity.roles for claim, _ in grant.when),
        )
    )


def expected_of(provider: ProviderSpec, *, realm_url: str, endpoint: str) -> Expected:
    """Return what this provider's responses must contain."""
    identity, subject = provider.identity, subject_claim(provider)
    domains = identity.email_domains
    required = (subject, *([identity.email] if domains and identity.email else []))
    email = identity.email or ""
    match provider.sign_in:
        case OidcSignIn() as sign_in:
            return Expected(
                protocol="oidc", issuer=sign_in.issuer, audience=sign_in.client_id, required=required,
                skew_seconds=sign_in.clock_skew_seconds, email_claim=email, email_domains=domains,
            )  # fmt: skip
        case SamlSignIn() as sign_in:
            return Expected(
                protocol="saml", issuer=sign_in.entity_id, audience=sign_in.sp_entity_id or realm_url,
                recipient=endpoint, required=required, skew_seconds=sign_in.clock_skew_seconds,
                email_claim=email, email_domains=domains,
            )  # fmt: skip
        case Oauth2SignIn():
            return Expected(protocol="oauth2", required=required, email_claim=email, email_domains=domains)


def mappings(
    identity: Identity,
    *,
    subject: str,
    arrived: tuple[Arrived, ...] | None,
    user: Mapping[str, str],
    roles: frozenset[str],
    partner_id: str,
) -> tuple[Mapped, ...]:
    """Return the result of each mapping of the partner's response at the host."""
    names = None
    if arrived is not None:
        names = {name for name, values in values_by_name(arrived).items() if values}

    def received(claim: str) -> bool | None:
        return None if names is None else claim in names

    rows = [
        Mapped(
            field="username",
            claim=subject,
            arrived=received(subject),
            result=masked(user.get("username", "")),
        )
    ]
    for field, claim in (
        ("email", identity.email),
        ("firstName", identity.first_name),
        ("lastName", identity.last_name),
        *identity.attributes,
    ):
        if claim:
            rows.append(
                Mapped(field=field, claim=claim, arrived=received(claim), result=masked(user.get(field, "")))
            )
    rows.append(Mapped(field="partner_id", claim="(fixed)", arrived=True, result=partner_id))
    for grant in identity.roles:
        if grant.grant:
            when = " and ".join(f"{claim}={value}" for claim, value in grant.when) or "(every user)"
            result = "granted" if grant.grant in roles else "not granted"
            rows.append(
                Mapped(
                    field=f"role {grant.grant}",
                    claim=when,
                    arrived=None if names is None else all(c in names for c, _ in grant.when),
                    result=result,
                )
            )
    return tuple(rows)
