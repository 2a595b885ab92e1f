"""Host-side checks: server version, event settings, event retention, permissions, deployed providers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.doctor.check_results import CheckResult, Verdict
from partnergate.errors import KeycloakError, KeycloakForbiddenError, KeycloakNotFoundError
from partnergate.planning.advisories import advisories_for
from partnergate.realm.desired.clients import STANDARD_SCOPES
from partnergate.realm.desired.events_config import event_types
from partnergate.realm.ownership import PARTNER_SCOPE
from partnergate.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from datetime import date

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.environment import RealmSpec
    from partnergate.planning.advisories import Advisory, AdvisoryTable

SUBJECT: Final = "realm"
OUTAGE_DAYS: Final = 7
"""Longest planned outage of the sidecar. Event retention must be at least twice as long."""
MAX_AGE_DAYS: Final = 90
"""A table of advisories that is older misses what became known since; Keycloak publishes some each month."""
_DAY: Final = 86400
_PERMISSIONS: Final = (
    ("view-identity-providers", "read providers", "identity-provider/instances"),
    ("view-events", "read login events", "events"),
    ("view-realm", "read the realm settings", "events/config"),
)


def host_findings(
    connection: KeycloakConnection, realm: RealmSpec, *, advisories: AdvisoryTable, today: date
) -> Iterator[CheckResult]:
    """Run every check of the realm. A check that cannot run is reported as skipped."""
    try:
        if connection.get_or_none("") is None:
            yield _finding(
                "host.realm", Verdict.FAIL, f"the realm {realm.realm} does not exist", "run partnergate apply"
            )
            return
    except KeycloakForbiddenError as error:
        yield _finding("host.realm", Verdict.FAIL, str(error), error.advice)
        return
    yield _finding("host.realm", Verdict.OK, f"the realm {realm.realm} exists")
    yield _age(advisories, today)
    version = yield from _version(connection, advisories)
    yield from _guarded("host.events", lambda: _events(connection, realm, version))
    yield from _guarded("host.scopes", lambda: _scopes(connection))
    for role, purpose, path in _PERMISSIONS:
        yield _permission(connection, role, purpose, path)


def _age(table: AdvisoryTable, today: date) -> CheckResult:
    """Check that the table is recent. Without this, an old version of partnergate reports nothing new."""
    days = table.age_days(today)
    if days < 0:
        detail = f"the table of vulnerabilities is dated {table.published}, which is in the future"
        return _finding("host.advisories", Verdict.WARN, detail, "check the clock of this machine")
    detail = f"the table of vulnerabilities is {counted(days, 'day')} old ({table.published})"
    if days > MAX_AGE_DAYS:
        advice = "update partnergate, or pass a newer table with --advisories FILE"
        return _finding("host.advisories", Verdict.WARN, detail, advice)
    return _finding("host.advisories", Verdict.OK, detail)


def _version(connection: KeycloakConnection, table: AdvisoryTable) -> Generator[CheckResult, None, str]:
    try:
        version = str(connection.get("/admin/serverinfo").get("systemInfo", {}).get("version", ""))
    except KeycloakError as error:
        yield _finding("host.version", Verdict.SKIPPED, f"the version cannot be read: {error}", error.advice)
        return ""
    advisories = advisories_for(version, table)
    if not advisories:
        yield _finding(
            "host.version", Verdict.OK, f"Keycloak {version} has no known vulnerability that affects sign-in"
        )
    for advisory in advisories:
        yield _finding(
            "host.version",
            Verdict.WARN,
            f"Keycloak {version}, {advisory.code}: {advisory.message}{_mitigation(advisory)}",
            advisory.advice,
        )
    return version


def _mitigation(advisory: Advisory) -> str:
    return f" (mitigated: {advisory.mitigated_by})" if advisory.mitigated_by else ""


def _events(connection: KeycloakConnection, realm: RealmSpec, version: str) -> Iterator[CheckResult]:
    """Check event storage. Only stored events are billed, so a missing type or short retention fails."""
    config: dict[str, Any] = connection.get("events/config")
    if not config.get("eventsEnabled"):
        yield _finding("host.events", Verdict.FAIL, "login events are disabled", "run partnergate apply now")
        return
    stored = set(config.get("enabledEventTypes") or ())
    missing = sorted(set(event_types(realm, server_version=version)) - stored) if version else []
    if missing:
        yield _finding(
            "host.events",
            Verdict.FAIL,
            f"event types not stored: {', '.join(missing)}",
            "run partnergate apply",
        )
    else:
        yield _finding("host.events", Verdict.OK, f"event types stored: {len(stored)}")
    seconds = int(config.get("eventsExpiration") or 0)
    if seconds == 0:
        yield _finding(
            "host.retention",
            Verdict.WARN,
            "events never expire",
            "the event table grows without limit; set retention_days",
        )
    elif seconds < 2 * OUTAGE_DAYS * _DAY:
        yield _finding(
            "host.retention",
            Verdict.FAIL,
            f"event retention: {seconds / _DAY:g} {'day' if seconds == _DAY else 'days'}",
            f"set retention_days to at least {2 * OUTAGE_DAYS}, so that a sidecar outage loses no events",
        )
    else:
        yield _finding(
            "host.retention",
            Verdict.OK,
            f"event retention: {seconds / _DAY:g} {'day' if seconds == _DAY else 'days'}",
        )


def _scopes(connection: KeycloakConnection) -> Iterator[CheckResult]:
    """Check the client scopes that add claims to the tokens of the host."""
    scopes = {str(scope["name"]): scope for scope in connection.get("client-scopes")}
    carrying = [name for name in ("basic", PARTNER_SCOPE) if _adds_subject(scopes.get(name) or {})]
    if not carrying:
        yield _finding(
            "host.scopes",
            Verdict.FAIL,
            f"tokens have no sub: neither basic nor {PARTNER_SCOPE} adds it",
            "run partnergate apply",
        )
    elif missing := sorted(set(STANDARD_SCOPES) - set(scopes)):
        yield _finding(
            "host.scopes",
            Verdict.WARN,
            f"the realm does not have the client scopes {', '.join(missing)}: tokens omit their claims",
            "create them in Keycloak, then run partnergate apply",
        )
    else:
        yield _finding("host.scopes", Verdict.OK, "the client scopes of the host's clients exist")


def _adds_subject(scope: Mapping[str, Any]) -> bool:
    return any(m.get("protocolMapper") == "oidc-sub-mapper" for m in scope.get("protocolMappers") or ())


def _permission(connection: KeycloakConnection, role: str, purpose: str, path: str) -> CheckResult:
    try:
        connection.get(path, max=1)
    except KeycloakForbiddenError:
        return _finding(
            "host.rights",
            Verdict.FAIL,
            f"this account is not allowed to {purpose}",
            f"grant it the role {role} of the client realm-management",
        )
    except KeycloakError as error:
        return _finding(
            "host.rights",
            Verdict.SKIPPED,
            f"cannot check whether this account can {purpose}: {error}",
            error.advice,
        )
    return _finding("host.rights", Verdict.OK, f"this account can {purpose}")


def _guarded(check: str, findings: Callable[[], Iterator[CheckResult]]) -> Iterator[CheckResult]:
    try:
        yield from findings()
    except KeycloakNotFoundError as error:
        yield _finding(check, Verdict.FAIL, str(error), error.advice)
    except KeycloakError as error:
        yield _finding(check, Verdict.SKIPPED, str(error), error.advice)


def deployed_findings(connection: KeycloakConnection, alias: str) -> Iterator[CheckResult]:
    """Check that the provider is deployed to the realm and enabled."""
    try:
        found = connection.get_or_none(f"identity-provider/instances/{alias}")
    except KeycloakError as error:
        yield CheckResult(check="host.provider", subject=alias, verdict=Verdict.SKIPPED, detail=str(error))
        return
    if found is None:
        verdict, detail, advice = Verdict.FAIL, "the provider is not deployed", "run partnergate apply"
    elif not found.get("enabled"):
        verdict, detail, advice = (
            Verdict.WARN,
            "the provider is disabled",
            "the partner's stage determines whether it is enabled",
        )
    else:
        verdict, detail, advice = Verdict.OK, "the provider is deployed and enabled", ""
    yield CheckResult(check="host.provider", subject=alias, verdict=verdict, detail=detail, advice=advice)


def _finding(check: str, verdict: Verdict, detail: str, advice: str = "") -> CheckResult:
    return CheckResult(check=check, subject=SUBJECT, verdict=verdict, detail=detail, advice=advice)
