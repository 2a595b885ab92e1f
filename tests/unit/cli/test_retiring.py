"""A retired partner keeps its provider, disabled, until its last statement is finalized."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from builders.actors import ADA
from builders.agreements import agreement
from builders.partners import billed_partner
from builders.realms import realm_spec
from fakes.statement_facts import MemoryFacts
from partnergate.cli.realm.retiring import with_retired_kept
from partnergate.errors import StoreUnavailableError
from partnergate.model.partner import EnvironmentName, Stage
from partnergate.model.workspace import Workspace
from partnergate.statements.account import Account, next_period
from partnergate.statements.document import seal_statement
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.seal import new_key_pair
from partnergate.store import open_store
from partnergate.store.statements.finalized import StoredStatements

NOW = datetime(2027, 3, 1, tzinfo=UTC)
ENDED = agreement(until=date(2026, 11, 1))
"""One period: October 2026."""


@pytest.fixture
def store_url(tmp_path):
    url = f"sqlite:///{tmp_path}/store.db"
    with open_store(url):
        return url


def kept(*partners, store_url, stages=(Stage.LIVE,), now=NOW):
    realm = replace(realm_spec(stages=stages), environment=EnvironmentName("production"))
    given = Workspace(realm=realm, partners=partners)
    planned, lines = with_retired_kept(given, store_url=store_url, now=now)
    return [p.stage for p in planned.partners], lines


def retired(*agreements):
    return replace(billed_partner(*agreements), stage=Stage.RETIRED)


def bill(store_url, spec):
    account = Account(partner=spec)
    drafted = draft(MemoryFacts(until=NOW), account, next_period(account), now=NOW)
    with open_store(store_url) as store:
        StoredStatements(store, "production").append(
            seal_statement(with_place(drafted.statement, (), at=NOW, override=None), new_key_pair().private),
            by=ADA,
        )


def test_the_provider_remains_disabled_until_the_last_period_is_finalized(store_url):
    spec = retired(ENDED)
    stages, (line,) = kept(spec, store_url=store_url)
    assert stages == [Stage.SUSPENDED]
    assert (
        line
        == "partner acme is retired; its provider stays, disabled: its statement from 2026-10-01 is not finalized"
    )
    bill(store_url, spec)
    assert kept(spec, store_url=store_url) == ([Stage.RETIRED], ())


def test_terms_without_an_end_continue(store_url):
    spec = retired()
    bill(store_url, spec)
    stages, (line,) = kept(spec, store_url=store_url)
    assert (stages, "2026-11-01 is not finalized" in line) == ([Stage.SUSPENDED], True)


def test_terms_that_have_not_begun_keep_no_provider(store_url):
    assert kept(retired(), store_url=store_url, now=datetime(2026, 9, 1, tzinfo=UTC)) == ([Stage.RETIRED], ())


def test_without_a_store_the_provider_remains(store_url):
    stages, (line,) = kept(retired(ENDED), store_url=None)
    assert (stages, "PARTNERGATE_STORE" in line) == ([Stage.SUSPENDED], True)
    with pytest.raises(StoreUnavailableError):
        kept(retired(ENDED), store_url=store_url.replace("store.db", "another.db"))


def test_a_partner_that_is_not_billed_keeps_no_provider(store_url):
    free = replace(retired(), agreements=())
    assert kept(free, store_url=None) == ([Stage.RETIRED], ())
    assert kept(retired(ENDED), store_url=None, stages=(Stage.STAGING,)) == ([Stage.RETIRED], ())


def test_other_stages_are_not_changed(store_url):
    others = tuple(
        replace(billed_partner(), stage=stage) for stage in (Stage.LIVE, Stage.SUSPENDED, Stage.DRAFT)
    )
    assert kept(*others, store_url=None) == ([p.stage for p in others], ())
