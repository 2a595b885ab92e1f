"""A plan that was made just now and changes few providers is held against these alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from builders.partners import oidc_partner, saml_partner
from partnergate.errors import StalePlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from worlds.reconciling import Reconciler

PARTNERS = (oidc_partner("acme", domains=("acme.example",)), oidc_partner("acme-two"), saml_partner("globex"))
CHANGED = (oidc_partner("acme", domains=("acme.example",), grants=2, prompt="login"), *PARTNERS[1:])
ACME = "identity-provider/instances/acme"


def test_reading_providers_again_equals_reading_the_whole_realm(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    reader = reconciler.reader
    whole = reader.read_state()
    again = reader.read_providers(frozenset({"acme", "globex"}))
    expected = [r for r in whole.resources if {"acme", "globex"} & {r.key.name, r.key.parent}]
    assert list(again.resources) == [r for r in expected if r.key.kind.startswith("identity_provider")]
    assert len(again.resources) > 2
    reader.read_providers(frozenset({"acme-two"}))
    kept = sorted(provider["alias"] for provider in reader.representation["identityProviders"])
    assert kept == ["acme", "acme-two", "globex"]


def test_one_changed_partner_converges_without_a_second_whole_reading(reconciler: Reconciler) -> None:
    reconciler.converge(PARTNERS)
    reader = reconciler.reader
    report = reconciler.apply(reconciler.plan(CHANGED, reader=reader), read_before=reader)
    assert report.is_complete
    assert reconciler.plan(CHANGED).is_empty


def edit(reconciler: Reconciler) -> None:
    connection = reconciler.connection
    connection.put(ACME, connection.get(ACME) | {"trustEmail": True})


def add_mapper(reconciler: Reconciler) -> None:
    mapper = reconciler.connection.get(f"{ACME}/mappers")[0]
    body = {k: v for k, v in mapper.items() if k != "id"} | {"name": "by-hand"}
    reconciler.connection.post(f"{ACME}/mappers", body)


def remove(reconciler: Reconciler) -> None:
    reconciler.connection.delete(ACME)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (edit, "identity_provider acme was changed"),
        (add_mapper, "identity_provider_mapper acme/by-hand was created"),
        (remove, "identity_provider acme was deleted"),
    ],
)
def test_a_change_at_a_planned_provider_makes_the_plan_stale(
    reconciler: Reconciler, act: Callable[[Reconciler], None], said: str
) -> None:
    reconciler.converge(PARTNERS)
    reader = reconciler.reader
    plan = reconciler.plan(CHANGED, reader=reader)
    act(reconciler)
    with pytest.raises(StalePlanError, match=said):
        reconciler.apply(plan, read_before=reader)


def test_a_change_elsewhere_makes_only_a_plan_from_a_file_stale(reconciler: Reconciler) -> None:
    """A reviewed plan is done on the realm that was reviewed; one made just now writes what it read."""
    reconciler.converge(PARTNERS)
    reader = reconciler.reader
    plan = reconciler.plan(CHANGED, reader=reader)
    connection = reconciler.connection
    globex = "identity-provider/instances/globex"
    connection.put(globex, connection.get(globex) | {"trustEmail": True})
    with pytest.raises(StalePlanError, match="identity_provider globex was changed"):
        reconciler.apply(plan)
    assert reconciler.apply(plan, read_before=reader).is_complete
