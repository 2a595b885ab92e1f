"""Builders with readable defaults for everything that reads, keeps or attributes events."""

import hashlib
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import PurePosixPath

from partnergate.attribution.registry import BEGINNING_MS, PartnerVersion, Registry, test_domains
from partnergate.attribution.rules import RealmRules
from partnergate.events.seen import SeenEvent
from partnergate.model.agreement import Agreement, Charge, Cycle
from partnergate.model.environment import HostClient, RealmSpec
from partnergate.model.instants import to_ms
from partnergate.model.partner import (
    Alias,
    EnvironmentName,
    Identity,
    OidcSignIn,
    PartnerId,
    PartnerSpec,
    ProviderSpec,
    SourceFile,
    Stage,
    TestUsers,
)
from partnergate.pricing.models.flat import Flat

REALM = "host"
APP = "host-app"
T0 = to_ms(datetime(2026, 10, 5, 12, tzinfo=UTC))
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
EVER = (datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))


class KnownSubjects:
    """Keys and subjects that are the same in every run, so that whole stores can be compared."""

    def key(self, alias):
        return hashlib.sha256(f"key {alias}".encode()).hexdigest()

    def subject(self, lookup):
        return hashlib.sha256(f"subject {lookup}".encode()).hexdigest()[:32]


def provider(alias, *domains):
    return ProviderSpec(
        alias=Alias(alias),
        sign_in=OidcSignIn(
            issuer=f"https://{alias}.test/",
            authorization_url=f"https://{alias}.test/a",
            token_url=f"https://{alias}.test/t",
            jwks_url=f"https://{alias}.test/j",
            client_id="host",
            client_secret=None,
        ),
        identity=Identity(subject="sub", email_domains=domains),
    )


def partner(
    name="acme",
    *,
    aliases=None,
    stage=Stage.LIVE,
    testers=(),
    test_domains=(),
    since=None,
    zone="UTC",
    commit="",
    domains=(),
):
    users = ()
    if testers or test_domains:
        users = (
            TestUsers(
                since=since or date(2020, 1, 1), subjects=tuple(testers), email_domains=tuple(test_domains)
            ),
        )
    terms = Agreement(
        effective=date(2026, 1, 1),
        until=None,
        cycle=Cycle(),
        currency="USD",
        time_zone=zone,
        charges=(Charge(name="Platform", price=Flat(amount=Decimal("499.00"))),),
    )
    return PartnerSpec(
        partner=PartnerId(name),
        name=name.title(),
        stage=stage,
        environment=EnvironmentName("production"),
        source=SourceFile(path=PurePosixPath(f"partners/{name}.yaml"), sha256="0" * 64, commit=commit),
        providers=tuple(provider(a, *domains) for a in (aliases or (name,))),
        test_users=users,
        agreements=(terms,),
    )


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
        test_subjects=test_subjects or {},
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
    """A brokered LOGIN, or with ``alias=None`` one by cookie or password."""
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
