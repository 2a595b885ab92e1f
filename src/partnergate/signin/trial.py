"""The result of one test login: every hop, what arrived, what became of it, and why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn, Stage
from partnergate.signin.observations import Expected
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from partnergate.model.partner import Alias, Identity, PartnerId, PartnerSpec, ProviderSpec
    from partnergate.signin.observations import Arrived, Protocol
    from partnergate.signin.reasons import Reason

NAME_ID: Final = "NameID"
_OPEN: Final = frozenset({"iss", "aud", "azp", "exp", "iat", "nbf", "acr", "amr", "typ", "email_verified"})
"""Claims of the protocol, which say nothing about the user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialHop:
    """One request of the way."""

    method: str
    url: str
    """Without its query, which holds codes and messages."""
    status: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One claim or attribute as it may be shown."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """What one mapping of the partner file made of what arrived."""

    field: str
    """Of the host's user, or ``role workspace-admin``."""
    claim: str
    arrived: bool | None
    """None when nobody could look."""
    result: str
    """Masked where it is about a person."""


CAME: Final = {True: "yes", False: "no", None: "not seen"}
"""Whether a claim arrived, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One test login of one provider."""

    partner: PartnerId
    alias: Alias
    environment: str
    protocol: Protocol
    at: datetime
    passed: bool
    hops: tuple[TrialHop, ...]
    arrived: tuple[Shown, ...] | None
    mapped: tuple[Mapped, ...] = ()
    reason: Reason | None = None
    details: tuple[str, ...] = ()
    """What was seen, in words for the host's operator and the partner's."""


def stage_note(partner: PartnerSpec, environment: str, stages: tuple[Stage, ...]) -> str:
    """Why the partner's stage alone keeps everybody out of an environment with these stages; or nothing."""
    match partner.stage:
        case Stage.SUSPENDED | Stage.RETIRED:
            return f"the partner's stage is {partner.stage.value}, so the realm refuses its logins"
        case stage if stage is Stage.DRAFT or stage not in stages:
            return f"the partner's stage is {stage.value}, so nothing of it is deployed to {environment}"
        case _:
            return ""


def masked(value: str) -> str:
    """Enough to recognise a value that one knows, too little to learn one that one does not."""
    if not value:
        return ""
    local, at, domain = value.rpartition("@")
    if at and "." in domain:
        return f"{local[:1]}***@{domain}"
    start = value[:1] if len(value) > 1 else ""
    return f"{start}*** ({counted(len(value), 'character')})"


def shown(arrived: tuple[Arrived, ...]) -> tuple[Shown, ...]:
    """Every claim with its values masked, except what is of the protocol alone; sorted by name."""
    found: dict[str, list[str]] = {}
    for claim in arrived:
        # SAML may send an attribute once for each of its values.
        found.setdefault(claim.name, []).extend(v if claim.name in _OPEN else masked(v) for v in claim.values)
    return tuple(Shown(name=name, value=", ".join(values)) for name, values in sorted(found.items()))


def subject_claim(provider: ProviderSpec) -> str:
    """The name under which the subject arrives."""
    if isinstance(provider.sign_in, SamlSignIn) and provider.identity.subject == "name_id":
        return NAME_ID
    return provider.identity.subject


def expected_of(provider: ProviderSpec, *, realm_url: str, endpoint: str) -> Expected:
    """What this provider's answers must say."""
    identity, subject = provider.identity, subject_claim(provider)
    gate = identity.email_domains
    needed = (subject, *([identity.email] if gate and identity.email else []))
    email = identity.email or ""
    match provider.sign_in:
        case OidcSignIn() as sign_in:
            return Expected(
                protocol="oidc", issuer=sign_in.issuer, audience=sign_in.client_id, needed=needed,
                skew_seconds=sign_in.clock_skew_seconds, email_claim=email, email_domains=gate,
            )  # fmt: skip
        case SamlSignIn() as sign_in:
            return Expected(
                protocol="saml", issuer=sign_in.entity_id, audience=sign_in.sp_entity_id or realm_url,
                recipient=endpoint, needed=needed, skew_seconds=sign_in.clock_skew_seconds,
                email_claim=email, email_domains=gate,
            )  # fmt: skip
        case Oauth2SignIn():
            return Expected(protocol="oauth2", needed=needed, email_claim=email, email_domains=gate)


def mappings(
    identity: Identity,
    *,
    subject: str,
    arrived: tuple[Arrived, ...] | None,
    user: Mapping[str, str],
    roles: frozenset[str],
    partner_id: str,
) -> tuple[Mapped, ...]:
    """Line by line what became of the partner's answer at the host."""
    names = None if arrived is None else {claim.name for claim in arrived if any(claim.values)}

    def came(claim: str) -> bool | None:
        return None if names is None else claim in names

    rows = [
        Mapped(
            field="user name", claim=subject, arrived=came(subject), result=masked(user.get("username", ""))
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
                Mapped(field=field, claim=claim, arrived=came(claim), result=masked(user.get(field, "")))
            )
    rows.append(Mapped(field="partner_id", claim="(fixed)", arrived=True, result=partner_id))
    for grant in identity.roles:
        if grant.grant:
            when = " and ".join(f"{claim}={value}" for claim, value in grant.when) or "(every user)"
            given = "granted" if grant.grant in roles else "not granted"
            rows.append(
                Mapped(
                    field=f"role {grant.grant}",
                    claim=when,
                    arrived=None if names is None else all(c in names for c, _ in grant.when),
                    result=given,
                )
            )
    return tuple(rows)
