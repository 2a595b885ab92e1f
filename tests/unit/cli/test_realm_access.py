"""Secrets that an apply needs: all missing ones are reported in one error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from builders.partners import SECRET_VARIABLE, oidc_partner, renamed
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.cli.realm.access import EveryFingerprint, RealmAccess
from partnergate.cli.requirements import raise_together
from partnergate.errors import SecretError, StalePlanError, UsageError
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver
from partnergate.model.partner import SecretRef, SecretSource
from partnergate.model.workspace import Workspace
from partnergate.planning.plan_file import plan_from_json, plan_to_json
from worlds.reconciling import Reconciler


def fingerprints(**environ: str) -> EveryFingerprint:
    return EveryFingerprint(KeyedFingerprints(key=b"k" * 32, resolve=SecretResolver(environ=environ)))


def look_up(every: EveryFingerprint, *names: str) -> None:
    for name in names:
        every(SecretRef(source=SecretSource.ENV, name=name), "place")


def test_every_missing_secret_is_in_one_error():
    every = fingerprints(ACME="value-of-acme")
    look_up(every, "ACME", "GLOBEX", "INITECH")
    with pytest.raises(UsageError) as raised:
        raise_together(every.failures())
    assert str(raised.value).startswith("2 settings are missing or invalid:")
    assert "GLOBEX" in str(raised.value)
    assert "INITECH" in str(raised.value)
    assert "ACME" not in str(raised.value)


def test_a_secret_that_is_used_twice_is_reported_once():
    every = fingerprints()
    look_up(every, "GLOBEX", "GLOBEX")
    with pytest.raises(SecretError, match="GLOBEX"):
        raise_together(every.failures())


def test_without_missing_secrets_there_is_no_error():
    every = fingerprints(ACME="value-of-acme")
    look_up(every, "ACME")
    raise_together(every.failures())


ACME = oidc_partner("acme")
SECRET = {SECRET_VARIABLE: "first-secret"}
URL = "http://fake.invalid"


@pytest.fixture
def server() -> FakeKeycloak:
    made = FakeKeycloak()
    Reconciler(made.connection("host"), host_realm("host", URL), workers=1).converge([ACME])
    return made


def access(server: FakeKeycloak, partners: tuple = (renamed(ACME, "Acme Works"),), values=(), **environ: str):
    """The realm as a new process opens it, with these files."""
    world = Reconciler(server.connection("host"), host_realm("host", URL), environ=SECRET | environ)
    realm = replace(world.realm, environment_values=values)
    return RealmAccess(
        root=Path(),
        workspace=Workspace(realm=realm, partners=partners),
        warnings=(),
        connection=world.connection,
        reader=world.reader,
        resolve=world.resolve,
        fingerprints=world.fingerprints,
    )


def written(opened: RealmAccess, only: tuple[str, ...] = (), **options: bool):
    """The plan as its file has it."""
    plan = opened.without_values(opened.plan(only, for_file=True, **options))
    return plan_from_json(plan_to_json(plan))


@pytest.mark.parametrize("only", [(), ("acme",)])
def test_the_plan_that_is_executed_is_computed_again(server, only):
    reviewed = written(access(server), only)
    planned = access(server).planned_as_reviewed(reviewed)
    assert planned.changes == access(server).plan(only).changes
    assert planned is not reviewed
    assert planned.only_partners == only


def test_an_edited_plan_is_refused(server):
    """An instruction in the file would be executed with the credentials of the apply job."""
    reviewed = written(access(server))
    (change, *others) = reviewed.changes
    fields = {**change.desired.fields, "config.tokenUrl": "https://elsewhere.example/token"}
    edited = replace(change, desired=replace(change.desired, fields=fields))
    with pytest.raises(StalePlanError, match=r"desired fields config\.tokenUrl"):
        access(server).planned_as_reviewed(replace(reviewed, changes=(edited, *others)))


def test_other_files_than_the_reviewed_ones_are_refused(server):
    reviewed = written(access(server))
    with pytest.raises(StalePlanError, match="displayName has another value"):
        access(server, (renamed(ACME, "Another name"),)).planned_as_reviewed(reviewed)


def test_a_realm_that_has_changed_is_refused(server):
    reviewed = written(access(server))
    found = access(server).connection.get("identity-provider/instances/acme")
    access(server).connection.put("identity-provider/instances/acme", found | {"displayName": "By hand"})
    with pytest.raises(StalePlanError, match="identity_provider acme was changed"):
        access(server).planned_as_reviewed(reviewed)


def test_a_plan_made_without_a_secret_is_completed_before_it_is_compared(server):
    reviewed = written(access(server, (ACME,), **{SECRET_VARIABLE: ""}))
    assert reviewed.is_empty
    assert access(server, (ACME,)).planned_as_reviewed(reviewed).is_empty
    rotated = access(server, (ACME,), **{SECRET_VARIABLE: "second-secret"}).planned_as_reviewed(reviewed)
    assert [field.name for change in rotated.changes for field in change.fields] == ["clientSecret"]


def test_a_value_of_a_variable_is_compared_without_being_in_the_file(server):
    name = "Acme of a variable"
    values = ((name, "(from PARTNERGATE_VAR_X)"),)
    reviewed = written(access(server, (renamed(ACME, name),), values))
    assert name not in plan_to_json(reviewed)
    planned = access(server, (renamed(ACME, name),), values).planned_as_reviewed(reviewed)
    assert name in {change.desired.fields.get("displayName") for change in planned.changes}
    later = "Acme of another value"
    with pytest.raises(StalePlanError, match="displayName has another value"):
        access(server, (renamed(ACME, later),), ((later, "(from PARTNERGATE_VAR_X)"),)).planned_as_reviewed(
            reviewed
        )
