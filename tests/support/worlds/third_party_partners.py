"""Partners whose identity providers are third-party software, deployed by the real engine.

Each partner file is drafted from what its provider publishes, as ``partnergate partner add`` does, or
written by hand where the protocol publishes nothing.
"""

from __future__ import annotations

import dataclasses
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import requests

from partnergate.devstack.identity_providers import (
    CANAILLE,
    DJANGO_OAUTH_TOOLKIT,
    DJANGOSAML2IDP,
    OIDC_PROVIDER,
    Application,
    ProviderUser,
    Software,
    ThirdPartyProvider,
    third_party_provider,
)
from partnergate.language.drafting import draft
from partnergate.language.load import load_partner
from partnergate.login.browser import Credentials
from partnergate.model.partner import PartnerSpec, Stage
from partnergate.playground.real_clock import now
from partnergate.signin.handoff import endpoint_url
from worlds.launching import Launching, launching

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from partnergate.devstack import KeycloakServer
    from partnergate.model.environment import RealmSpec

OIDC_PROVIDER_PARTNER, CANAILLE_PARTNER = "umbrella", "hooli"
OAUTH_TOOLKIT_PARTNER, SAML_PARTNER = "wonka", "tyrell"
SOFTWARE: dict[str, Software] = {
    OIDC_PROVIDER_PARTNER: OIDC_PROVIDER,
    CANAILLE_PARTNER: CANAILLE,
    OAUTH_TOOLKIT_PARTNER: DJANGO_OAUTH_TOOLKIT,
    SAML_PARTNER: DJANGOSAML2IDP,
}
ANN = ProviderUser(
    user_name="ann",
    password=secrets.token_urlsafe(12),
    email="ann@partner.example",
    given_name="Ann",
    family_name="Doe",
    groups=("admins",),
)
BOB = dataclasses.replace(ANN, user_name="bob", email="bob@partner.example", given_name="Bob")
"""He never consents, so that his provider always asks him."""
_ROLE = "  roles:\n    - {when: {groups: admins}, grant: workspace-admin}\n"
_SAML_ROLE = '  roles:\n    - {when: {employeeType: "true"}, grant: workspace-admin}\n'


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyPartners:
    """The deployed partners, and what a user presses."""

    stage: Launching
    providers: dict[str, ThirdPartyProvider]

    def credentials(self, account: ProviderUser = ANN) -> Credentials:
        """The user's name and password, the same at every provider."""
        return Credentials(username=account.user_name, password=account.password)

    def spec(self, partner: str) -> PartnerSpec:
        """The partner as it is deployed."""
        return self.stage.arena.partners[partner]


@contextmanager
def third_party_partners(server: KeycloakServer, names: Collection[str]) -> Iterator[ThirdPartyPartners]:
    """Start the providers of these partners at the same time, and deploy the partners."""
    with ExitStack() as stack:
        stage = stack.enter_context(launching(server))
        ring = stage.arena
        with ThreadPoolExecutor(len(SOFTWARE)) as pool:
            starting = {
                partner: pool.submit(
                    stack.enter_context,
                    third_party_provider(
                        SOFTWARE[partner],
                        accounts=(ANN, BOB),
                        application=Application(
                            client_id="host-app",
                            client_secret=ring.client_secret,
                            redirect_uri=endpoint_url(ring.realm, partner),
                        ),
                    ),
                )
                for partner in names
            }
            providers = {partner: one.result() for partner, one in starting.items()}
        ring.deploy(*(partner_spec(ring.realm, partner, found) for partner, found in providers.items()))
        if SAML_PARTNER in providers:
            descriptor = requests.get(f"{endpoint_url(ring.realm, SAML_PARTNER)}/descriptor", timeout=30)
            providers[SAML_PARTNER].register_service_provider(descriptor.content)
        yield ThirdPartyPartners(stage=stage, providers=providers)


def partner_spec(realm: RealmSpec, partner: str, provider: ThirdPartyProvider) -> PartnerSpec:
    """Load the partner's file, and make the partner live. Raises ``AssertionError`` for a file with errors."""
    text, recorded = _file(partner, provider)
    spec, problems = load_partner(
        text, PurePosixPath(f"partners/{partner}.yaml"), realm=realm, recorded=recorded
    )
    assert spec is not None, [f"{p.code} {p.message}" for p in problems]
    return dataclasses.replace(spec, stage=Stage.LIVE)


def _file(partner: str, provider: ThirdPartyProvider) -> tuple[str, dict[str, bytes]]:
    if provider.software.protocol == "oauth2":
        return _oauth2_file(partner, provider.url), {}
    source = provider.url + provider.software.ready_path
    made = draft(
        requests.get(source, timeout=30).content,
        partner=partner,
        name=partner.title(),
        source=source,
        today=now().date(),
        client_id="host-app",
    )
    text = made.partner_file.replace(
        f"{{vault: {partner}-client-secret}}", "{env: ARENA_CLIENT_SECRET}"
    ).replace("  # email_domains: [DOMAIN]\n", "")
    head, identity, rest = text.partition("\nidentity:\n")
    if provider.software is DJANGOSAML2IDP:
        rest = rest.replace("givenName", "given_name").replace("surname", "family_name")
    if provider.software is OIDC_PROVIDER:
        head = head.rstrip() + "\n  use_userinfo: true\n"
    if provider.software is CANAILLE:
        head = head.rstrip() + "\n  scopes: [openid, email, profile, groups]\n"
    keys, blank, tail = rest.partition("\n\n")
    role = _SAML_ROLE if provider.software.protocol == "saml" else _ROLE
    return head + identity + keys + "\n" + role + blank + tail, {made.recorded_name: made.recorded}


def _oauth2_file(partner: str, url: str) -> str:
    return f"""partnergate: 1
partner: {partner}
name: {partner.title()}
stage: draft
sign_in:
  protocol: oauth2
  authorization_url: {url}/o/authorize/
  token_url: {url}/o/token/
  userinfo_url: {url}/api/me
  client_id: host-app
  client_secret: {{env: ARENA_CLIENT_SECRET}}
  scopes: [read]
identity:
  subject: id
  email: profile.email
  first_name: profile.given_name
  last_name: profile.family_name
{_ROLE}"""
