"""The partners and people of the demo: an identity provider for each partner file in the repository.

Two providers assert the same email address, and each asserts the ``partner_id`` of another partner.
Neither may have an effect at the host.
"""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from partnergate.login.browser import Credentials
from partnergate.model.partner import Alias, PartnerId
from partnergate.playground.partner_idp import IdpUser, PartnerIdp, make_partner_realm, register_host

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.workspace import Workspace

SHARED_EMAIL: Final = "sam@customers.example"
ACME, GLOBEX, INITECH = PartnerId("acme"), PartnerId("globex"), PartnerId("initech")
SECRET_NAMES: Final = {ACME: "ACME_CLIENT_SECRET", INITECH: "INITECH_CLIENT_SECRET"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerUser:
    """A partner's user who logs in at the host."""

    partner: PartnerId
    name: str
    email: str
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def alias(self) -> Alias:
        """Alias of the provider of the person's partner."""
        return Alias(self.partner)


PEOPLE: Final = (
    PartnerUser(
        partner=ACME,
        name="ann",
        email="ann@acme.example",
        attributes=(("dept", ("research",)), ("groups", ("staff", "platform-admins"))),
    ),
    PartnerUser(partner=ACME, name="sam", email=SHARED_EMAIL, attributes=(("dept", ("sales",)),)),
    PartnerUser(partner=GLOBEX, name="greta", email="greta@globex.example"),
    PartnerUser(partner=GLOBEX, name="sam", email=SHARED_EMAIL),
    PartnerUser(partner=INITECH, name="ivan", email="ivan@initech.example"),
    PartnerUser(partner=INITECH, name="mona", email="mona@initech.example"),
)
FORGED: Final = {ACME: GLOBEX, GLOBEX: ACME, INITECH: ACME}
"""Partner -> the partner that its provider claims to be."""


def person(partner: PartnerId, name: str) -> PartnerUser:
    """The person of that partner and name in ``PEOPLE``."""
    return next(p for p in PEOPLE if (p.partner, p.name) == (partner, name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The identity providers of one run, with passwords generated for it."""

    idps: Mapping[PartnerId, PartnerIdp]

    def credentials(self, who: PartnerUser) -> Credentials:
        """User name and password of the person at their provider."""
        users = self.idps[who.partner].users
        return next(
            Credentials(username=u.username, password=u.password) for u in users if u.username == who.name
        )


def new_cast(realm_suffix: str = "-idp") -> Cast:
    """Generate the cast of one run. A partner's realm is named ``<partner><realm_suffix>``."""
    return Cast(
        idps={
            partner: PartnerIdp(
                realm=f"{partner}{realm_suffix}",
                users=tuple(_user(p) for p in PEOPLE if p.partner == partner),
                forged=(("partner_id", claimed), ("identity_provider", claimed), ("roles", "admin")),
            )
            for partner, claimed in FORGED.items()
        }
    )


def _user(who: PartnerUser) -> IdpUser:
    return IdpUser(
        username=who.name,
        password=secrets.token_urlsafe(12),
        email=who.email,
        first_name=who.name.capitalize(),
        last_name=who.partner.capitalize(),
        attributes=who.attributes,
    )


def new_secrets() -> dict[str, str]:
    """A generated client secret for each variable that the partner files of the repository name."""
    return {name: secrets.token_urlsafe(24) for name in SECRET_NAMES.values()}


def make_partner_realms(server: KeycloakConnection, cast: Cast) -> None:
    """Create the partners' realms, without the host as a client. In parallel, because each takes seconds."""
    with ThreadPoolExecutor(max_workers=len(cast.idps)) as pool:
        for made in [pool.submit(make_partner_realm, server, idp) for idp in cast.idps.values()]:
            made.result()


def register_host_everywhere(
    server: KeycloakConnection, cast: Cast, workspace: Workspace, secret_values: Mapping[str, str]
) -> None:
    """Register the host at each partner, as the hand-off describes."""
    host = f"{workspace.realm.server_url.rstrip('/')}/realms/{workspace.realm.realm}"
    for partner in workspace.partners:
        if partner.partner not in cast.idps:
            continue
        name = SECRET_NAMES.get(partner.partner)
        for provider in partner.providers:
            register_host(
                server,
                cast.idps[partner.partner],
                provider,
                broker_endpoint=f"{host}/broker/{provider.alias}/endpoint",
                client_secret=secret_values[name] if name else None,
            )
