"""Login events, registries and realms with readable defaults."""

import hashlib
from datetime import UTC, datetime
from pathlib import PurePosixPath

from builders.partners import partner
from partnergate.attribution.partner_history import (
    BEGINNING_MS,
    END_MS,
    PartnerVersion,
    Registry,
    test_domains,
)
from partnergate.attribution.rules import RealmRules
from partnergate.events.seen import SeenEvent
from partnergate.model.environment import HostClient, RealmSpec
from partnergate.model.instants import to_ms
from partnergate.model.partner import (
    EnvironmentName,
    SourceFile,
    Stage,
)

REALM = "host"
APP = "host-app"
T0 = to_ms(datetime(2026, 10, 5, 12, tzinfo=UTC))
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class KnownSubjects:
    """Keys and subjects that are equal in every run, so that stores can be compared as a whole."""

    def key(self, alias):
        return hashlib.sha256(f"key {alias}".encode()).hexdigest()

    def subject(self, lookup):
        return hashlib.sha256(f"subject {lookup}".encode()).hexdigest()[:32]


def realm(name=REALM, *, environment="production", clients=(APP, "host-reports", "host-admin"), **changes):
    values = {
        "environment": EnvironmentName(environment),
        "server_url": "https://id.host.test",
        "realm": name,
        "stages": (Stage.LIVE,),
        "source": SourceFile(path=PurePosixPath("realm_templates/production.yaml"), sha256="1" * 64),
        "clients": tuple(HostClient(client_id=c, redirect_uris=("https://app.test/cb",)) for c in clients),
    }
    return RealmSpec(**(values | changes))


def version(spec, since_ms=BEGINNING_MS, *, recorded_ms=0, test_subjects=None):
    return PartnerVersion(
        since_ms=since_ms,
        recorded_ms=recorded_ms,
        spec=spec,
        test_subjects={key: ((since, END_MS),) for key, since in (test_subjects or {}).items()},
        test_domains=test_domains(spec),
    )


def registry(*versions, rules=None):
    given = versions or (version(partner("acme")), version(partner("globex")))
    return Registry(
        given, ((BEGINNING_MS, rules or RealmRules(clients=frozenset({APP, "host-reports", "host-admin"}))),)
    )


def event(kind, at_ms, *, event_id=None, session="s1", user="u1", client=APP, error=None, **details):
    name = event_id or f"{kind}-{session}-{at_ms}"
    return SeenEvent(at_ms, kind, name, client, user, session, error, details)


def login(at_ms=T0, *, alias="acme", subject="ada", **others):
    """A brokered LOGIN; with ``alias=None``, a login by cookie or password."""
    brokered = (
        {}
        if alias is None
        else {
            "identity_provider": alias,
            "identity_provider_identity": subject,
            "username": f"{alias}.{subject}",
            "redirect_uri": "https://app.test/cb?name=Ada",
        }
    )
    return event("LOGIN", at_ms, **(brokered | others))


def logout(at_ms, **others):
    return event("LOGOUT", at_ms, **others)


def refresh(at_ms, **others):
    return event("REFRESH_TOKEN", at_ms, **others)


def register(at_ms, *, email, alias="acme", subject="ada", **others):
    return event(
        "REGISTER",
        at_ms,
        session=None,
        register_method="broker",
        email=email,
        identity_provider=alias,
        identity_provider_identity=subject,
        username=f"{alias}.{subject}",
        **others,
    )
