"""A partner that signs in, its realm and its October, for statements over a real store."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from builders.actors import ADA
from builders.partners import billed_partner
from partnergate.model.environment import HostClient, RealmSpec
from partnergate.model.partner import (
    Alias,
    EnvironmentName,
    Identity,
    Oauth2SignIn,
    ProviderSpec,
    SourceFile,
    Stage,
)
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store.statements.facts import StoredFacts
from partnergate.store.statements.finalized import StoredStatements
from worlds.statement_store import StoreFiller, task

if TYPE_CHECKING:
    from collections.abc import Iterable

    from partnergate.model.partner import PartnerSpec
    from partnergate.store.database.engine import Store

NOW = datetime(2026, 11, 5, tzinfo=UTC)
"""The instant from which October can be finalized."""
BASE = datetime(2026, 10, 2, 9, 0, 7, tzinfo=UTC)
"""The first login of October."""
PRODUCTION = EnvironmentName("production")
REALM = RealmSpec(
    environment=PRODUCTION,
    server_url="https://sso.example",
    realm="host",
    stages=(Stage.LIVE,),
    source=SourceFile(path=PurePosixPath("realm_templates/production.yaml"), sha256="00"),
    clients=(HostClient(client_id="host-app", redirect_uris=("https://host.example/cb",)),),
)


def signing_in(spec: PartnerSpec, *aliases: str) -> PartnerSpec:
    """The partner with a provider for each alias; its own id by default."""
    sign_in = Oauth2SignIn(
        authorization_url="https://x.example/a",
        token_url="https://x.example/t",
        userinfo_url="https://x.example/u",
        client_id="c",
        client_secret=None,
    )
    return replace(
        spec,
        providers=tuple(
            ProviderSpec(alias=Alias(alias), sign_in=sign_in, identity=Identity(subject="sub"))
            for alias in aliases or (spec.partner,)
        ),
    )


ACME = signing_in(billed_partner())


def log_in_and_work(
    filler: StoreFiller,
    times: Iterable[datetime],
    *,
    people: int,
    first: int,
    step: int = 1,
    after: timedelta = timedelta(),
    read_until: datetime = NOW,
) -> None:
    """At each instant, a user of acme logs in, and a task follows ``after`` it.

    The first task has the quantity ``first``, and each next one ``step`` more.
    """
    numbered = list(enumerate(times))
    filler.keep(
        [
            filler.login(f"l{n}", at, alias="acme", subject=f"p{n % people}", session=f"s{n}")
            for n, at in numbered
        ],
        read_until=read_until,
    )
    filler.use(
        [task(f"t{n}", at + after, Decimal(first + step * n), session=f"s{n}") for n, at in numbered],
        received=read_until,
    )


def final_october(store: Store, spec: PartnerSpec = ACME) -> None:
    """Twelve logins of four users of acme, each with a task, and the finalized statement over them."""
    filler = StoreFiller(store=store, realm=REALM, partners=(spec,))
    log_in_and_work(filler, (BASE + timedelta(hours=5 * n) for n in range(12)), people=4, first=200)
    account = Account(partner=spec)
    period = next_period(account)
    if period is None:
        raise ValueError("the partner has no agreement")
    made = draft(StoredFacts(store, REALM.realm), account, period, now=NOW).statement
    final = seal_statement(with_place(made, (), at=NOW, override=None), new_key_pair().private)
    StoredStatements(store, PRODUCTION).append(final, by=ADA)
