"""Runs one test login through the real realm and collects everything that can be observed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import requests

from partnergate.doctor.check_results import CheckResult
from partnergate.doctor.deployed_secrets import NotSent
from partnergate.doctor.direct_sign_in import DirectSignIn
from partnergate.doctor.fetching import FetchFailed, FetchRefused, certificate_expired
from partnergate.doctor.login_recorder import LoginRecorder, hops_of
from partnergate.doctor.oauth import invalid_code_response, token_error
from partnergate.doctor.probe import Probe
from partnergate.doctor.saml_messages import read_response
from partnergate.errors import KeycloakError, UsageError
from partnergate.language.recorded.metadata import parsed_metadata
from partnergate.login.browser import LoginRefusedError, Refusal
from partnergate.login.http_login import HostApplication, log_in
from partnergate.model.partner import SamlSignIn
from partnergate.signin.diagnosis import details_of, reasons_of
from partnergate.signin.failure_reasons import EXPLANATIONS, Reason
from partnergate.signin.handoff import endpoint_url, realm_url
from partnergate.signin.login_test import (
    LoginTest,
    expected_of,
    mapped_claims,
    mappings,
    shown,
    stage_note,
    subject_claim,
)
from partnergate.signin.observations import Observations, PartnerPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.login.browser import Credentials, Walker
    from partnergate.login.http_login import Login
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec, ProviderSpec
    from partnergate.signin.login_test import Mapped
    from partnergate.signin.observations import Arrived

_SECONDS = 10
_PAGES: Final = {
    Refusal.CREDENTIALS_REJECTED: PartnerPage.PASSWORD_REJECTED,
    Refusal.CREDENTIALS_MISSING: PartnerPage.NOT_AUTOMATED,
    Refusal.CONSENT: PartnerPage.CONSENT,
    Refusal.UNKNOWN_FORM: PartnerPage.NOT_AUTOMATED,
}
_CLOCKS_APART_MS = 60_000
"""How far the server's clock may be behind the local clock, in milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginTester:
    """Runs test logins in one environment. ``connection`` is None when the Admin API is not available."""

    realm: RealmSpec
    fetcher: Fetcher
    deployed_secret: Callable[[ProviderSpec], str | NotSent]
    """Returns the client secret that the realm sends to the partner already; see ``deployed_secrets``."""
    connection: KeycloakConnection | None
    now: Callable[[], datetime]

    def run(
        self,
        partner: PartnerSpec,
        provider: ProviderSpec,
        credentials: Credentials | None,
        *,
        open_window: Callable[[LoginRecorder], Walker] | None = None,
        accept_consent: bool = False,
    ) -> LoginTest:
        """Log in once and return the result. Raises only when no login could be attempted.

        The login runs in a headless browser, or, with ``open_window``, in a window for the user.
        ``accept_consent`` allows the headless browser to accept the partner's consent page.
        """
        endpoint = endpoint_url(self.realm, provider.alias)
        expected = expected_of(provider, realm_url=realm_url(self.realm), endpoint=endpoint)
        recorder = LoginRecorder(
            host_url=self.realm.server_url,
            partner_url=_sign_in_url(provider),
            endpoint=endpoint,
            fetcher=self.fetcher,
            now=self.now,
            accept_consent=accept_consent,
        )
        started, browser = self.now(), open_window(recorder) if open_window else recorder.browser()
        before = self.error_event_ids(started)
        try:
            login, observed = self._log_in(
                provider, browser, credentials, Observations(at=started, expected=expected)
            )
            observed, notes = self._inspect(provider, recorder, browser, credentials, observed)
            if login is None:
                observed = self.with_error_event(observed, provider, before)
        finally:
            browser.close()
        reasons = _reasons(observed, passed=login is not None)
        stage = stage_note(partner, self.realm.environment, self.realm.stages) if reasons else ""
        return LoginTest(
            partner=partner.partner,
            alias=provider.alias,
            environment=self.realm.environment,
            protocol=expected.protocol,
            at=started,
            passed=not reasons,
            hops=hops_of(tuple(browser.hops)),
            arrived=None if observed.arrived is None else shown(observed.arrived),
            mapped=self.mapped(provider, login, observed.arrived) if login else (),
            reason=reasons[0] if reasons else None,
            details=(
                *((stage,) if stage else ()),
                *details_of(observed),
                *notes,
                *(EXPLANATIONS[r].text for r in reasons[1:]),
            ),
        )

    def application(self) -> HostApplication:
        """Return the first public client of the host that signs users in."""
        client = next(
            (c for c in self.realm.clients if c.public and not c.session_check and c.redirect_uris), None
        )
        if client is None:
            raise UsageError(
                f"{self.realm.environment} has no public client with a redirect URI",
                advice="add a client for test logins to the realm template",
            )
        return HostApplication(
            base_url=self.realm.server_url,
            realm=self.realm.realm,
            client_id=client.client_id,
            redirect_uri=client.redirect_uris[0],
        )

    def _log_in(
        self, provider: ProviderSpec, browser: Walker, credentials: Credentials | None, observed: Observations
    ) -> tuple[Login | None, Observations]:
        application = self.application()
        try:
            login = log_in(application, alias=provider.alias, credentials=credentials, browser=browser)
        except LoginRefusedError as refused:
            page = refused.page
            if page is None:
                return None, replace(observed, partner_refusal=str(refused))
            if page.url.startswith(realm_url(self.realm) + "/"):
                return None, replace(observed, host_page=str(refused))
            return None, replace(
                observed,
                partner_refused=page.status,
                partner_refusal=str(refused),
                partner_page=_PAGES.get(refused.refusal, PartnerPage.OTHER),
            )
        except requests.RequestException as error:
            expired = certificate_expired(error)
            return None, replace(
                observed, tls_expired=expired, partner_refusal=f"no response: {_cause(error)}"
            )
        self._sign_out(application, login)
        return login, observed

    def _inspect(
        self,
        provider: ProviderSpec,
        recorder: LoginRecorder,
        browser: Walker,
        credentials: Credentials | None,
        observed: Observations,
    ) -> tuple[Observations, tuple[str, ...]]:
        """Add what the partner's response contains to the observations; also return notes."""
        if isinstance(provider.sign_in, SamlSignIn):
            return self._with_saml_response(provider.sign_in, recorder, observed), ()
        observed = replace(observed, partner_error=recorder.partner_error)
        if (
            not recorder.authorization_url
            or observed.partner_error
            or observed.partner_refused
            or observed.tls_expired
        ):
            return observed, ()
        sign_in = DirectSignIn(
            sign_in=provider.sign_in,
            redirect_uri=recorder.endpoint,
            fetcher=self.fetcher,
            secret=self.deployed_secret(provider),
            mapped=mapped_claims(provider),
            now=self.now,
        )
        hops = len(browser.hops)
        try:
            found = sign_in.run(browser, recorder.authorization_url, credentials)
        except requests.RequestException as error:
            return observed, (f"the direct sign-in failed: {_cause(error)}",)
        finally:
            del browser.hops[hops:]
        return replace(
            observed,
            partner_error=found.partner_error,
            token_error=found.token_error,
            tls_expired=found.tls_expired,
            message=found.message,
            arrived=found.arrived,
            only_in_userinfo=found.only_in_userinfo,
        ), tuple(found.notes)

    def _with_saml_response(
        self, sign_in: SamlSignIn, recorder: LoginRecorder, observed: Observations
    ) -> Observations:
        if not recorder.saml_response or recorder.saml_response_at is None:
            return observed
        read = read_response(
            recorder.saml_response, self._certificates(sign_in), now=recorder.saml_response_at
        )
        if read is None:
            return observed
        return replace(observed, partner_error=read.status, message=read.message, arrived=read.arrived)

    def mapped(
        self, provider: ProviderSpec, login: Login, arrived: tuple[Arrived, ...] | None
    ) -> tuple[Mapped, ...]:
        """Return the result of each mapping, from the user at the host and the roles in the token."""
        roles = login.claims.get("realm_access", {}).get("roles", [])
        return mappings(
            provider.identity,
            subject=subject_claim(provider),
            arrived=arrived,
            user=self._user(login),
            roles=frozenset(str(role) for role in roles),
            partner_id=login.partner_id or "",
        )

    def _user(self, login: Login) -> dict[str, str]:
        claims = login.claims | login.id_claims
        user = {
            "username": str(claims.get("preferred_username", "")),
            "email": str(claims.get("email", "")),
            "firstName": str(claims.get("given_name", "")),
            "lastName": str(claims.get("family_name", "")),
        }
        if self.connection is None or not login.user_id:
            return user
        try:
            stored: dict[str, Any] = self.connection.get(f"users/{login.user_id}")
        except KeycloakError:
            return user
        user |= {
            name: ", ".join(map(str, values)) for name, values in (stored.get("attributes") or {}).items()
        }
        return user | {
            name: str(stored[name])
            for name in ("username", "email", "firstName", "lastName")
            if name in stored
        }

    def _certificates(self, sign_in: SamlSignIn) -> tuple[str, ...]:
        """Return the certificates that Keycloak uses: with a metadata URL, only those published there."""
        if sign_in.metadata_url is None:
            return sign_in.certificates
        try:
            found = parsed_metadata(self.fetcher.get(sign_in.metadata_url).body)
        except (FetchRefused, FetchFailed, ValueError):
            return sign_in.certificates
        return next((m.certificates for m in found if m.entity_id == sign_in.entity_id), ())

    def with_error_event(
        self, observed: Observations, provider: ProviderSpec, before: frozenset[str]
    ) -> Observations:
        """Add the realm's newest error event that is not in ``before`` to the observations."""
        new = [e for e in self._errors(observed.at) if str(e.get("id")) not in before]
        # Error events about SAML responses do not name the provider.
        for alias in (provider.alias, None):
            for event in new:
                if event.get("details", {}).get("identity_provider") == alias:
                    return replace(
                        observed, host_event=str(event.get("type", "")), host_error=str(event["error"])
                    )
        return observed

    def with_client_check(self, observed: Observations, provider: ProviderSpec) -> Observations:
        """Add whether the partner's token endpoint rejects the client, which the realm does not record."""
        if isinstance(provider.sign_in, SamlSignIn):
            return observed
        secret = self.deployed_secret(provider)
        if isinstance(secret, NotSent):
            return observed
        probe = Probe(alias=provider.alias, fetcher=self.fetcher, now=self.now)
        redirect_uri = endpoint_url(self.realm, provider.alias)
        response = invalid_code_response(probe, "oauth.client", provider.sign_in, redirect_uri, secret)
        if isinstance(response, CheckResult):
            return observed
        return replace(observed, token_error=token_error(response))

    def error_event_ids(self, since: datetime) -> frozenset[str]:
        """Return the IDs of the error events that already exist."""
        return frozenset(str(event.get("id")) for event in self._errors(since))

    def _errors(self, since: datetime) -> list[dict[str, Any]]:
        """Return the realm's error events since about ``since``, newest first."""
        if self.connection is None:
            return []
        start = int(since.timestamp() * 1000) - _CLOCKS_APART_MS
        try:
            events: list[dict[str, Any]] = self.connection.get("events", dateFrom=start, max=100)
        except KeycloakError:
            return []
        return [event for event in events if event.get("error")]

    def _sign_out(self, application: HostApplication, login: Login) -> None:
        """End the session of the test login. Failures are ignored."""
        form = {"client_id": application.client_id, "refresh_token": login.refresh_token or ""}
        try:
            requests.post(application.endpoint("logout"), data=form, timeout=_SECONDS, allow_redirects=False)
        except requests.RequestException:
            return


def _sign_in_url(provider: ProviderSpec) -> str:
    sign_in = provider.sign_in
    return sign_in.sso_url if isinstance(sign_in, SamlSignIn) else sign_in.authorization_url


def _cause(error: BaseException) -> str:
    """Return the exception's class name only; its text may contain a URL with codes."""
    return type(error).__name__


def _reasons(observed: Observations, *, passed: bool) -> tuple[Reason, ...]:
    """Return every reason that applies. A successful login can only have missing claims."""
    found = tuple(dict.fromkeys(reasons_of(observed)))
    if passed:
        # Without our first login flow, the realm accepts a user without an identifier, as one shared user.
        return tuple(r for r in found if r in {Reason.MISSING_CLAIM, Reason.CLAIMS_ONLY_IN_USERINFO})
    return found or (Reason.UNKNOWN,)
