"""One test login through the real realm, looked at from all sides that are open to us."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import requests

from partnergate.doctor.fetching import FetchFailed, FetchRefused, certificate_ended
from partnergate.doctor.saml_messages import read_response
from partnergate.doctor.second_look import SecondLook
from partnergate.doctor.witness import Witness, hops_of
from partnergate.errors import KeycloakError, SecretError, UsageError
from partnergate.language.recorded.metadata import parsed_metadata
from partnergate.login.browser import LoginRefusedError
from partnergate.login.http_login import HostApplication, log_in
from partnergate.model.partner import SamlSignIn, SecretSource
from partnergate.signin.diagnosis import reasons_of
from partnergate.signin.handoff import endpoint_url, realm_url
from partnergate.signin.observations import Observations
from partnergate.signin.reasons import EXPLANATIONS, Reason
from partnergate.signin.trial import Trial, expected_of, mappings, shown, stage_note, subject_claim

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from partnergate.doctor.fetching import Fetcher
    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.login.browser import Credentials, Walker
    from partnergate.login.http_login import Login
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec, ProviderSpec, SecretRef
    from partnergate.signin.observations import Arrived
    from partnergate.signin.trial import Mapped

_SECONDS = 10
_CLOCKS_APART_MS = 60_000
"""How far the server's clock may be behind this one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialRun:
    """Test logins in one environment; ``connection`` is None where the Admin API is not at hand."""

    realm: RealmSpec
    fetcher: Fetcher
    resolve: Callable[[SecretRef], str]
    connection: KeycloakConnection | None
    now: Callable[[], datetime]

    def run(
        self,
        partner: PartnerSpec,
        provider: ProviderSpec,
        credentials: Credentials | None,
        *,
        window: Callable[[Witness], Walker] | None = None,
    ) -> Trial:
        """Log in once, and say what happened. Raises only where nothing could be tried.

        Without ``window`` a browser without one does it; in a window a person logs in.
        """
        endpoint = endpoint_url(self.realm, provider.alias)
        expected = expected_of(provider, realm_url=realm_url(self.realm), endpoint=endpoint)
        witness = Witness(
            host_url=self.realm.server_url,
            partner_url=_start_of(provider),
            endpoint=endpoint,
            fetcher=self.fetcher,
        )
        started, browser = self.now(), window(witness) if window else witness.browser()
        before = self.recorded(started)
        try:
            login, seen = self._log_in(
                provider, browser, credentials, Observations(at=started, expected=expected)
            )
            seen, notes = self._look(provider, witness, browser, credentials, seen)
            if login is None:
                seen = self.with_record(seen, provider, before)
        finally:
            browser.close()
        reasons = _why(seen, passed=login is not None)
        stage = stage_note(partner, self.realm.environment, self.realm.stages) if reasons else ""
        return Trial(
            partner=partner.partner,
            alias=provider.alias,
            environment=self.realm.environment,
            protocol=expected.protocol,
            at=started,
            passed=not reasons,
            hops=hops_of(tuple(browser.hops)),
            arrived=None if seen.arrived is None else shown(seen.arrived),
            mapped=self.mapped(provider, login, seen.arrived) if login else (),
            reason=reasons[0] if reasons else None,
            details=(
                *((stage,) if stage else ()),
                *_details(seen),
                *notes,
                *(EXPLANATIONS[r].text for r in reasons[1:]),
            ),
        )

    def application(self) -> HostApplication:
        """The first of the host's public clients that signs people in."""
        client = next(
            (c for c in self.realm.clients if c.public and not c.session_check and c.redirect_uris), None
        )
        if client is None:
            raise UsageError(
                f"{self.realm.environment} has no public client with a redirect URI",
                advice="a test login needs one; add a client for tests to the realm template",
            )
        return HostApplication(
            base_url=self.realm.server_url,
            realm=self.realm.realm,
            client_id=client.client_id,
            redirect_uri=client.redirect_uris[0],
        )

    def _log_in(
        self, provider: ProviderSpec, browser: Walker, credentials: Credentials | None, seen: Observations
    ) -> tuple[Login | None, Observations]:
        application = self.application()
        try:
            login = log_in(application, alias=provider.alias, credentials=credentials, browser=browser)
        except LoginRefusedError as refused:
            page = refused.page
            if page is None:
                return None, replace(seen, partner_refusal=str(refused))
            if page.url.startswith(realm_url(self.realm) + "/"):
                return None, replace(seen, host_page=str(refused))
            return None, replace(seen, partner_refused=page.status, partner_refusal=str(refused))
        except requests.RequestException as error:
            ended = certificate_ended(error)
            return None, replace(seen, tls_expired=ended, partner_refusal=f"no answer: {_cause(error)}")
        self._sign_out(application, login)
        return login, seen

    def _look(
        self,
        provider: ProviderSpec,
        witness: Witness,
        browser: Walker,
        credentials: Credentials | None,
        seen: Observations,
    ) -> tuple[Observations, tuple[str, ...]]:
        """What the partner's answer said, read by ourselves."""
        if isinstance(provider.sign_in, SamlSignIn):
            certificates = self._certificates(provider.sign_in)
            read = (
                read_response(witness.saml_response, certificates, now=seen.at)
                if witness.saml_response
                else None
            )
            if read is None:
                return seen, ()
            return replace(seen, partner_error=read.status, message=read.message, arrived=read.arrived), ()
        seen = replace(seen, partner_error=witness.partner_error)
        if not witness.asked or seen.partner_error or seen.partner_refused or seen.tls_expired:
            return seen, ()
        way = SecondLook(
            sign_in=provider.sign_in,
            redirect_uri=witness.endpoint,
            fetcher=self.fetcher,
            secret=self._secret(provider.sign_in.client_secret),
        )
        hops = len(browser.hops)
        try:
            found = way.look(browser, witness.asked, credentials)
        except requests.RequestException as error:
            return seen, (f"the second sign-in failed: {_cause(error)}",)
        finally:
            del browser.hops[hops:]
        return replace(
            seen,
            partner_error=found.partner_error,
            token_error=found.token_error,
            tls_expired=found.tls_expired,
            message=found.message,
            arrived=found.arrived,
        ), tuple(found.notes)

    def mapped(
        self, provider: ProviderSpec, login: Login, arrived: tuple[Arrived, ...] | None
    ) -> tuple[Mapped, ...]:
        """What the mappers made of it, from the user at the host and the roles in the token."""
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
        if self.connection is None:
            return user
        try:
            held: dict[str, Any] = self.connection.get(f"users/{login.user_id}")
        except KeycloakError:
            return user
        user |= {name: ", ".join(map(str, values)) for name, values in (held.get("attributes") or {}).items()}
        return user | {
            name: str(held[name]) for name in ("username", "email", "firstName", "lastName") if name in held
        }

    def _certificates(self, sign_in: SamlSignIn) -> tuple[str, ...]:
        if sign_in.certificates or sign_in.metadata_url is None:
            return sign_in.certificates
        try:
            found = parsed_metadata(self.fetcher.get(sign_in.metadata_url).body)
        except (FetchRefused, FetchFailed, ValueError):
            return ()
        return next((m.certificates for m in found if m.entity_id == sign_in.entity_id), ())

    def _secret(self, ref: SecretRef | None) -> str | None:
        if ref is None or ref.source is SecretSource.VAULT:
            return None
        try:
            return self.resolve(ref)
        except SecretError:
            return None

    def with_record(self, seen: Observations, provider: ProviderSpec, before: frozenset[str]) -> Observations:
        """With the realm's own record of this login: its newest error that was not there before."""
        new = [e for e in self._errors(seen.at) if str(e.get("id")) not in before]
        # Refused SAML answers are recorded without naming the provider.
        for of_whom in (provider.alias, None):
            for event in new:
                if event.get("details", {}).get("identity_provider") == of_whom:
                    return replace(
                        seen, host_event=str(event.get("type", "")), host_error=str(event["error"])
                    )
        return seen

    def recorded(self, since: datetime) -> frozenset[str]:
        """The ids of the error events that are there already."""
        return frozenset(str(event.get("id")) for event in self._errors(since))

    def _errors(self, since: datetime) -> list[dict[str, Any]]:
        """The realm's error events around ``since``, the newest first."""
        if self.connection is None:
            return []
        start = int(since.timestamp() * 1000) - _CLOCKS_APART_MS
        try:
            events: list[dict[str, Any]] = self.connection.get("events", dateFrom=start, max=100)
        except KeycloakError:
            return []
        return [event for event in events if event.get("error")]

    def _sign_out(self, application: HostApplication, login: Login) -> None:
        """A test leaves no session behind; it is no failure where that does not work."""
        form = {"client_id": application.client_id, "refresh_token": login.refresh_token or ""}
        try:
            requests.post(application.endpoint("logout"), data=form, timeout=_SECONDS, allow_redirects=False)
        except requests.RequestException:
            return


def _start_of(provider: ProviderSpec) -> str:
    sign_in = provider.sign_in
    return sign_in.sso_url if isinstance(sign_in, SamlSignIn) else sign_in.authorization_url


def _cause(error: BaseException) -> str:
    """The name of the failure; its text may hold a whole address with codes."""
    return type(error).__name__


def _why(seen: Observations, *, passed: bool) -> tuple[Reason, ...]:
    """Every reason why the login failed, in the order of a login; none for one that passed."""
    found = tuple(dict.fromkeys(reasons_of(seen)))
    if passed:
        # A realm without our first login lets a user without an identifier in, the same for everybody.
        return tuple(reason for reason in found if reason is Reason.MISSING_CLAIM)
    return found or (Reason.UNKNOWN,)


def _details(seen: Observations) -> tuple[str, ...]:
    """The observations that are worth a line."""
    message, expected = seen.message, seen.expected
    lines = [
        f"the partner's page answers {seen.partner_refused}: {seen.partner_refusal}"
        if seen.partner_refused
        else seen.partner_refusal,
        f"the partner's answer says {seen.partner_error}"
        if seen.partner_error and seen.partner_error != "Success"
        else "",
        f"the host's page says: {seen.host_page}" if seen.host_page else "",
        f"the realm recorded {seen.host_error} ({seen.host_event})" if seen.host_error else "",
    ]
    if message is not None and not message.encrypted:
        lines.append(
            f"signature {message.signature.value.replace('_', ' ')}, algorithm {message.algorithm or 'none'}"
        )
        if expected.issuer and message.issuer != expected.issuer:
            lines.append(f"issuer {message.issuer}, expected {expected.issuer}")
        if expected.audience and expected.audience not in message.audiences:
            lines.append(f"audience {', '.join(message.audiences) or 'none'}, expected {expected.audience}")
        if message.not_after is not None:
            lines.append(
                f"valid until {message.not_after:%Y-%m-%d %H:%M:%S} UTC, tested at {seen.at:%H:%M:%S}"
            )
    return tuple(line for line in lines if line)
