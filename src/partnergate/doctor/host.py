"""Checks of the host's own side: server version, event settings, retention, rights, drift of the basics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.doctor.findings import Finding, Verdict
from partnergate.errors import KeycloakError, KeycloakForbiddenError, KeycloakNotFoundError
from partnergate.planning.advisories import advisories_for
from partnergate.realm.desired.events_config import event_types

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from partnergate.keycloak.connection import KeycloakConnection
    from partnergate.model.environment import RealmSpec

SUBJECT: Final = "realm"
OUTAGE_DAYS: Final = 7
"""Retention must outlast twice the longest outage of the sidecar that anybody plans for."""
_DAY: Final = 86400
_RIGHTS: Final = (
    ("view-identity-providers", "read providers", "identity-provider/instances"),
    ("view-events", "read login events", "events"),
    ("view-realm", "read the realm's settings", "events/config"),
)


def host_findings(connection: KeycloakConnection, realm: RealmSpec) -> Iterator[Finding]:
    """Every check of the realm; one that cannot be made says so and the others go on."""
    try:
        if connection.get_or_none("") is None:
            yield _finding(
                "host.realm", Verdict.FAIL, f"the realm {realm.realm} is not there", "run partnergate apply"
            )
            return
    except KeycloakForbiddenError as error:
        yield _finding("host.realm", Verdict.FAIL, str(error), error.advice)
        return
    yield _finding("host.realm", Verdict.OK, f"the realm {realm.realm} answers")
    version = yield from _version(connection)
    yield from _tried("host.events", lambda: _events(connection, realm, version))
    for role, purpose, path in _RIGHTS:
        yield _right(connection, role, purpose, path)


def _version(connection: KeycloakConnection) -> Generator[Finding, None, str]:
    try:
        version = str(connection.get("/admin/serverinfo").get("systemInfo", {}).get("version", ""))
    except KeycloakError as error:
        yield _finding("host.version", Verdict.SKIPPED, f"the version cannot be read: {error}", error.advice)
        return ""
    holes = advisories_for(version)
    if not holes:
        yield _finding(
            "host.version", Verdict.OK, f"Keycloak {version} has no known hole that touches sign-in"
        )
    for hole in holes:
        yield _finding(
            "host.version", Verdict.WARN, f"Keycloak {version}, {hole.code}: {hole.message}", hole.advice
        )
    return version


def _events(connection: KeycloakConnection, realm: RealmSpec, version: str) -> Iterator[Finding]:
    """What is stored is what is billed, so a missing type or a short retention is no small thing."""
    config: dict[str, Any] = connection.get("events/config")
    if not config.get("eventsEnabled"):
        yield _finding(
            "host.events", Verdict.FAIL, "login events are switched off", "run partnergate apply at once"
        )
        return
    stored = set(config.get("enabledEventTypes") or ())
    missing = sorted(set(event_types(realm, server_version=version)) - stored) if version else []
    if missing:
        yield _finding(
            "host.events", Verdict.FAIL, f"not stored: {', '.join(missing)}", "run partnergate apply"
        )
    else:
        yield _finding("host.events", Verdict.OK, f"{len(stored)} event types are stored")
    seconds = int(config.get("eventsExpiration") or 0)
    if seconds == 0:
        yield _finding(
            "host.retention",
            Verdict.WARN,
            "events are kept for ever",
            "the table grows without end; set retention_days",
        )
    elif seconds < 2 * OUTAGE_DAYS * _DAY:
        yield _finding(
            "host.retention",
            Verdict.FAIL,
            f"events are kept for {seconds / _DAY:g} days",
            f"{2 * OUTAGE_DAYS} days is the least, so that an outage of the sidecar loses nothing",
        )
    else:
        yield _finding("host.retention", Verdict.OK, f"events are kept for {seconds / _DAY:g} days")


def _right(connection: KeycloakConnection, role: str, purpose: str, path: str) -> Finding:
    try:
        connection.get(path, max=1)
    except KeycloakForbiddenError:
        return _finding(
            "host.rights",
            Verdict.FAIL,
            f"this account may not {purpose}",
            f"give it the role {role} of realm-management",
        )
    except KeycloakError as error:
        return _finding(
            "host.rights", Verdict.SKIPPED, f"cannot tell whether it may {purpose}: {error}", error.advice
        )
    return _finding("host.rights", Verdict.OK, f"this account may {purpose}")


def _tried(check: str, findings: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from findings()
    except KeycloakNotFoundError as error:
        yield _finding(check, Verdict.FAIL, str(error), error.advice)
    except KeycloakError as error:
        yield _finding(check, Verdict.SKIPPED, str(error), error.advice)


def deployed_findings(connection: KeycloakConnection, alias: str) -> Iterator[Finding]:
    """Whether the provider is in the realm and switched on."""
    try:
        found = connection.get_or_none(f"identity-provider/instances/{alias}")
    except KeycloakError as error:
        yield Finding(check="host.provider", subject=alias, verdict=Verdict.SKIPPED, detail=str(error))
        return
    if found is None:
        verdict, detail, advice = Verdict.FAIL, "the provider is not deployed", "run partnergate apply"
    elif not found.get("enabled"):
        verdict, detail, advice = (
            Verdict.WARN,
            "the provider is switched off",
            "the stage of the partner decides it",
        )
    else:
        verdict, detail, advice = Verdict.OK, "the provider is deployed and switched on", ""
    yield Finding(check="host.provider", subject=alias, verdict=verdict, detail=detail, advice=advice)


def _finding(check: str, verdict: Verdict, detail: str, advice: str = "") -> Finding:
    return Finding(check=check, subject=SUBJECT, verdict=verdict, detail=detail, advice=advice)
