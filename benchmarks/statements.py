"""How long a draft takes: one partner-month with many stored usage events, and all of many partners.

    python benchmarks/statements.py --events 1000000 --partners 200

Fills a SQLite store through the usage ledger, settles it, and times drafts as ``statement draft`` makes them.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from partnergate.spec.environment import HostClient, RealmSpec
from partnergate.spec.model import (
    Alias,
    EnvironmentName,
    Identity,
    Oauth2SignIn,
    ProviderSpec,
    SourceFile,
    Stage,
)
from partnergate.statements.document import content_of, seal_statement
from partnergate.statements.drafting import Account, draft, next_period
from partnergate.statements.finalising import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store.opening import open_store
from partnergate.store.statements_facts import StoredFacts
from partnergate.testkit.statement_cases import partner
from partnergate.testkit.statement_store import StoreFiller, task

NOW = datetime(2026, 11, 5, tzinfo=UTC)
START = datetime(2026, 10, 1, 5, tzinfo=UTC)
SECONDS = 30 * 86_400


def specs(number: int):
    sign_in = Oauth2SignIn(
        authorization_url="https://x.example/a", token_url="https://x.example/t", userinfo_url="https://x.example/u",
        client_id="c", client_secret=None,
    )  # fmt: skip
    return tuple(
        replace(
            partner(partner_id=f"p{n:03}", name=f"Partner {n}"),
            providers=(
                ProviderSpec(alias=Alias(f"p{n:03}"), sign_in=sign_in, identity=Identity(subject="sub")),
            ),
        )
        for n in range(number)
    )


def fill(store, partners, events: int) -> None:
    """Nine tenths of the events are the first partner's."""
    source = SourceFile(path=partners[0].source.path, sha256="00")
    realm = RealmSpec(
        environment=EnvironmentName("production"), server_url="https://sso.example", realm="host",
        stages=(Stage.LIVE,), source=source, clients=(HostClient(client_id="host-app", redirect_uris=("https://host.example/cb",)),),
    )  # fmt: skip
    filler = StoreFiller(store=store, realm=realm, partners=partners)
    sessions = 200
    filler.keep(
        [
            filler.login(
                f"{p.partner}-l{s}",
                START + timedelta(hours=s),
                alias=p.partner,
                subject=f"u{s % 90}",
                session=f"{p.partner}-s{s}",
            )
            for p in partners
            for s in range(sessions)
        ],
        read_until=NOW,
    )
    others = partners[1:] or partners
    made = 0
    while made < events:
        batch = []
        for n in range(made, min(made + 10_000, events)):
            who = partners[0] if n % 10 else others[n // 10 % len(others)]
            session = n % sessions
            at = START + timedelta(hours=session, seconds=n % 3600)
            batch.append(task(f"e{n}", at, Decimal(n % 7), session=f"{who.partner}-s{session}"))
        filler.use(batch, received=NOW)
        made += len(batch)
    filler.usage.settle()


def timed(work, repeat: int = 5) -> tuple[float, float]:
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times), sorted(times)[len(times) // 2]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--partners", type=int, default=200)
    parser.add_argument("--store", help="keep the store in this file, and reuse it when it is there")
    given = parser.parse_args()
    partners = specs(given.partners)
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(given.store or Path(temporary) / "bench.db")
        there = file.exists()
        with open_store(f"sqlite:///{file}") as store:
            if not there:
                begin = time.perf_counter()
                fill(store, partners, given.events)
                print(f"filled with {given.events} events in {time.perf_counter() - begin:.1f} s")
            measure(store, partners)


def measure(store, partners) -> None:
    def one():
        facts = StoredFacts(store, "host")
        account = Account(partner=partners[0])
        return draft(facts, account, next_period(account), now=NOW).statement

    statement = one()
    tasks = next(x for x in statement.lines if x.name == "Tasks")
    assert content_of(one()) == content_of(statement)
    known = StoredFacts(store, "host")
    known.settle()
    own = Account(partner=partners[0])
    best, middle = timed(lambda: draft(known, own, next_period(own), now=NOW))
    print(f"the same where the rollups are up to date: best {best:.3f} s, median {middle:.3f} s")
    best, middle = timed(one)
    print(f"one partner-month, {tasks.facts.count} usage events: best {best:.3f} s, median {middle:.3f} s")

    facts = StoredFacts(store, "host")
    begin = time.perf_counter()
    for spec in partners:
        account = Account(partner=spec)
        draft(facts, account, next_period(account), now=NOW)
    print(f"drafts of {len(partners)} partners: {time.perf_counter() - begin:.2f} s")

    keys = new_key_pair()
    account = Account(partner=partners[0])
    first = draft(facts, account, next_period(account), now=NOW).statement
    sealed = seal_statement(with_place(first, (), at=NOW, override=None), keys.private)
    after = replace(account, chain=(sealed,))
    best, middle = timed(lambda: draft(StoredFacts(store, "host"), after, next_period(after), now=NOW))
    print(f"draft that re-rates one final statement: best {best:.3f} s, median {middle:.3f} s")


if __name__ == "__main__":
    main()
