"""When a plan is so small that the whole realm need not be read again."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from builders.partners import oidc_partner, renamed
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.planning.partial_reads import marks_of_providers, providers_to_reread
from worlds.reconciling import Reconciler

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PARTNERS = tuple(oidc_partner(f"partner-{n:02}") for n in range(12))


@pytest.fixture
def reconciler() -> Reconciler:
    made = Reconciler(
        FakeKeycloak().connection("host"), host_realm("host", "http://fake.invalid"), clock=lambda: NOW
    )
    made.converge(PARTNERS)
    return made


def prompting(number: int) -> tuple[object, ...]:
    return tuple(
        oidc_partner(str(p.partner), prompt="login") if n < number else p for n, p in enumerate(PARTNERS)
    )


def test_changed_providers_and_mappers_are_all_that_is_touched(reconciler: Reconciler) -> None:
    other = (oidc_partner("partner-00", grants=2), oidc_partner("partner-01", prompt="login"), *PARTNERS[2:])
    plan = reconciler.plan(other)
    aliases = providers_to_reread(plan)
    assert aliases == {"partner-00", "partner-01"}
    marks = marks_of_providers(plan, aliases)
    assert {mark.key.parent or mark.key.name for mark in marks} == aliases
    assert {mark.key.kind for mark in plan.state} > {mark.key.kind for mark in marks}


def test_many_changed_providers_are_no_small_plan(reconciler: Reconciler) -> None:
    assert len(providers_to_reread(reconciler.plan(prompting(10)))) == 10
    assert providers_to_reread(reconciler.plan(prompting(11))) == frozenset()


@pytest.mark.parametrize(
    "partners",
    [
        (*PARTNERS, oidc_partner("newcomer")),
        PARTNERS[1:],
        (renamed(PARTNERS[0], "Another name"), *PARTNERS[1:]),
    ],
    ids=["a new provider", "one that goes", "an organization"],
)
def test_a_plan_that_changes_more_is_no_small_plan(
    reconciler: Reconciler, partners: tuple[object, ...]
) -> None:
    plan = reconciler.plan(partners)
    assert plan.changes
    assert providers_to_reread(plan) == frozenset()
