"""Runs all checks of the realm and of the selected partners' providers, in parallel."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from partnergate.doctor.egress import egress_finding
from partnergate.doctor.host import deployed_findings, host_findings
from partnergate.doctor.oauth import oauth2_findings, oidc_findings
from partnergate.doctor.probe import Probe
from partnergate.doctor.saml import saml_findings
from partnergate.model.partner import Oauth2SignIn, OidcSignIn, SamlSignIn
from partnergate.planning.advisory_file import bundled_table
from partnergate.signin.handoff import endpoint_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime
    from ipaddress import IPv4Address, IPv6Address

    from partnergate.doctor.check_results import CheckResult
    from partnergate.doctor.deployed_secrets import NotSent
    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.planning.advisories import AdvisoryTable

WORKERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Runs the checks. ``connection`` is None when the Admin API is not available."""

    realm: RealmSpec
    connection: KeycloakConnection | None
    fetcher: Fetcher
    deployed_secret: Callable[[ProviderSpec], str | NotSent]
    """Returns the client secret that the realm sends to the partner already; see ``deployed_secrets``."""
    now: Callable[[], datetime]
    advisories: AdvisoryTable = field(default_factory=bundled_table)
    egress: IPv4Address | IPv6Address | None = None
    """A private address of this machine that Keycloak must not reach; None skips that test."""

    def host(self) -> tuple[CheckResult, ...]:
        """Return the findings about the realm."""
        if self.connection is None:
            return ()
        today = self.now().date()
        found = tuple(host_findings(self.connection, self.realm, advisories=self.advisories, today=today))
        if self.egress is None:
            return found
        return (*found, egress_finding(self.connection, self.egress))

    def partners(self, partners: Iterable[PartnerSpec]) -> tuple[CheckResult, ...]:
        """Return the findings about every provider that is not retired, in partner order."""
        providers = [p for partner in partners for p in partner.providers if not p.retired]
        if len(providers) == 1:  # without a thread that the process would wait for at its end
            return tuple(self._provider(providers[0]))
        with ThreadPoolExecutor(max_workers=WORKERS) as pool:
            found = pool.map(lambda provider: tuple(self._provider(provider)), providers)
            return tuple(finding for findings in found for finding in findings)

    def _provider(self, provider: ProviderSpec) -> Iterator[CheckResult]:
        probe = Probe(alias=provider.alias, fetcher=self.fetcher, now=self.now)
        redirect_uri = endpoint_url(self.realm, provider.alias)
        if self.connection:
            yield from deployed_findings(self.connection, provider.alias)
        match provider.sign_in:
            case OidcSignIn() as sign_in:
                secret = self.deployed_secret(provider)
                yield from oidc_findings(probe, sign_in, redirect_uri=redirect_uri, secret=secret)
            case Oauth2SignIn() as sign_in:
                secret = self.deployed_secret(provider)
                yield from oauth2_findings(probe, sign_in, redirect_uri=redirect_uri, secret=secret)
            case SamlSignIn() as sign_in:
                yield from saml_findings(probe, sign_in, now=self.now())
            case _ as never:
                assert_never(never)
