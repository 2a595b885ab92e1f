"""Decides each step of a launch from the partner and the live session.

The steps: is this partner allowed to launch here, which session does the browser have, and where
does the user go. Each decision is a type; the routes only carry it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from partnergate.model.partner import OidcSignIn, SamlSignIn, Stage
from partnergate.signin.handoff import realm_url
from partnergate.signin.targets import allowed_target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.environment import LaunchSettings, RealmSpec
    from partnergate.model.partner import Alias, PartnerId, PartnerSpec, ProviderSpec


class LaunchRefusal(StrEnum):
    """Why a launch is refused. A bounded set: it is a metric label and selects the page."""

    UNKNOWN_PARTNER = "unknown_partner"
    SUSPENDED = "suspended"
    NOT_DEPLOYED = "not_deployed"
    UNKNOWN_ISSUER = "unknown_issuer"
    TARGET_NOT_ALLOWED = "target_not_allowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedLaunch:
    """The launch is refused, and the user sees a page with the reason."""

    reason: LaunchRefusal
    partner: PartnerId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """An allowed launch. The next step is the session check."""

    partner: PartnerId
    alias: Alias
    target: str
    """A URL on the allow list; empty for the product's start page."""
    login_hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSession:
    """The live session that the silent check found."""

    partner: str
    alias: str
    id_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterProduct:
    """Redirect to the product's login URL. A live session of the same partner needs no sign-in."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSwitch:
    """Show a page that asks the user before the session of another partner ends.

    Any site can link to a launch. Without the page, such a link would sign the user out.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class EndSession:
    """End the session of another partner with its ID token, then enter the product."""

    id_token: str
    alias: str


def launch_request(
    realm: RealmSpec,
    settings: LaunchSettings,
    partners: Iterable[PartnerSpec],
    *,
    partner: str = "",
    iss: str = "",
    login_hint: str = "",
    target_link_uri: str = "",
) -> Launch | RefusedLaunch:
    """Decide whether a launch is allowed, by partner ID or by the issuer of a third-party-initiated login.

    ``iss``, ``login_hint`` and ``target_link_uri`` are defined in OpenID Connect Core 1.0, section 4.
    """
    found = _find(tuple(partners), partner, iss)
    if isinstance(found, RefusedLaunch):
        return found
    spec, provider = found
    if spec.stage is Stage.SUSPENDED:
        return RefusedLaunch(reason=LaunchRefusal.SUSPENDED, partner=spec.partner)
    if spec.stage not in realm.stages or provider is None:
        return RefusedLaunch(reason=LaunchRefusal.NOT_DEPLOYED, partner=spec.partner)
    if target_link_uri and not allowed_target(target_link_uri, settings.targets):
        return RefusedLaunch(reason=LaunchRefusal.TARGET_NOT_ALLOWED, partner=spec.partner)
    return Launch(
        partner=spec.partner, alias=provider.alias, target=target_link_uri, login_hint=login_hint[:256]
    )


def _find(
    partners: tuple[PartnerSpec, ...], partner: str, iss: str
) -> tuple[PartnerSpec, ProviderSpec | None] | RefusedLaunch:
    named = [p for p in partners if not partner or p.partner == partner]
    if partner and not named:
        return RefusedLaunch(reason=LaunchRefusal.UNKNOWN_PARTNER)
    if not iss:
        if not partner:
            return RefusedLaunch(reason=LaunchRefusal.UNKNOWN_PARTNER)
        return named[0], next((p for p in named[0].providers if not p.retired), None)
    for spec in named:
        for provider in spec.providers:
            if not provider.retired and issuer_of(provider) == iss:
                return spec, provider
    return RefusedLaunch(reason=LaunchRefusal.UNKNOWN_ISSUER, partner=named[0].partner if partner else None)


def issuer_of(provider: ProviderSpec) -> str:
    """Return the issuer or SAML entity ID of a provider; empty for OAuth 2.0, which has none."""
    match provider.sign_in:
        case OidcSignIn(issuer=issuer):
            return issuer
        case SamlSignIn(entity_id=entity_id):
            return entity_id
        case _:
            return ""


def after_check(
    realm: RealmSpec,
    settings: LaunchSettings,
    launch: Launch,
    live: LiveSession | None,
    *,
    confirmed: bool,
) -> EnterProduct | ConfirmSwitch | EndSession:
    """Keep a session of the same partner, and sign in when there is none.

    Any other session ends only after the user has confirmed it.
    """
    if live is not None and live.partner != launch.partner:
        return EndSession(id_token=live.id_token, alias=live.alias) if confirmed else ConfirmSwitch()
    return enter_product(realm, settings, launch)


def enter_product(realm: RealmSpec, settings: LaunchSettings, launch: Launch) -> EnterProduct:
    """Return the product's login URL with the section 4 parameters and the provider hint."""
    query = {
        "iss": realm_url(realm),
        "kc_idp_hint": launch.alias,
        "login_hint": launch.login_hint,
        "target_link_uri": launch.target,
    }
    separator = "&" if "?" in settings.login_url else "?"
    return EnterProduct(url=settings.login_url + separator + urlencode({k: v for k, v in query.items() if v}))
