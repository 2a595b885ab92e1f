"""The executor on the fake server: apply, roll back, reject, and report."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from builders.partners import oidc_partner, renamed, saml_partner
from builders.realms import host_realm
from fakes.keycloak.server import FakeKeycloak
from partnergate.applying.apply_report import Outcome
from partnergate.applying.held_lock import HeldLock
from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakServerError,
    KeycloakUnreachableError,
    LockedError,
    SecretError,
    StalePlanError,
    UnsafePlanError,
)
from partnergate.keycloak.lock import KeycloakLock
from partnergate.planning.changes import Create
from partnergate.realm.normalize import resource
from partnergate.realm.state import ResourceKind
from worlds.reconciling import Reconciler

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.applying.apply_report import ApplyReport, Progress

PARTNERS = tuple(oidc_partner(name) for name in ("acme", "globex", "initech"))
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SERVER = "http://fake.invalid"


class World:
    """A fake server and ways to break single calls of it."""

    def __init__(self) -> None:
        self.server = FakeKeycloak()
        self.faults: list[tuple[str, str, str, Exception]] = []
        self.once: bool = True
        connection = self.server.connection("host", faults=self._fault)
        self.reconciler = Reconciler(connection, host_realm("host", SERVER), workers=1, clock=lambda: NOW)

    def fail(self, when: str, method: str, path: str, error: Exception) -> None:
        """The next call of that method whose path ends so fails, before or after the server acted."""
        self.faults.append((when, method, path, error))

    def _fault(self, when: str, method: str, path: str) -> None:
        for fault in self.faults:
            if (fault[0], fault[1]) == (when, method) and path.endswith(fault[2]):
                if self.once:
                    self.faults.remove(fault)
                raise fault[3]


@pytest.fixture
def world() -> World:
    return World()


def outcomes(report: ApplyReport) -> dict[str, Outcome]:
    return {part.name: part.outcome for part in report.parts}


def state_of(world: World) -> dict[str, Any]:
    return {str(r.key): r for r in world.reconciler.reader.read_or_empty().resources}


def test_everything_is_done_and_the_second_plan_is_empty(world: World) -> None:
    assert world.reconciler.converge(PARTNERS).is_complete
    assert world.reconciler.plan(PARTNERS).is_empty
    assert world.reconciler.converge(PARTNERS).parts == ()


def test_a_failed_partner_is_rolled_back_and_the_others_continue(world: World) -> None:
    world.reconciler.converge(())
    before = state_of(world)
    world.fail("before", "POST", "globex/mappers", KeycloakServerError("broken"))
    report = world.reconciler.converge(PARTNERS)
    assert outcomes(report) == {
        "user profile": Outcome.DONE,
        "acme": Outcome.DONE,
        "globex": Outcome.ROLLED_BACK,
        "initech": Outcome.DONE,
    }
    now = state_of(world)
    assert not [key for key in now if "globex" in key]
    assert all(now[key] == before[key] for key in before if "user_profile" not in key)
    assert report.of(Outcome.ROLLED_BACK)[0].failed_at is not None
    assert world.reconciler.converge(PARTNERS).is_complete
    assert world.reconciler.plan(PARTNERS).is_empty


def test_an_update_that_fails_half_way_leaves_the_partner_as_it_was(world: World) -> None:
    world.reconciler.converge(PARTNERS)
    before = state_of(world)
    world.fail(
        "before",
        "PUT",
        world.server.realms["host"].organizations.__iter__().__next__(),
        KeycloakServerError("no"),
    )
    report = world.reconciler.converge([renamed(spec, spec.name.upper()) for spec in PARTNERS])
    failed = report.of(Outcome.ROLLED_BACK)
    assert len(failed) == 1
    name = failed[0].name
    now = state_of(world)
    assert {k: v for k, v in now.items() if v.owner == name} == {
        k: v for k, v in before.items() if v.owner == name
    }


def test_changes_that_cannot_be_rolled_back_are_reported(world: World) -> None:
    world.reconciler.converge(())
    world.fail("before", "POST", "globex/mappers", KeycloakServerError("broken"))
    world.fail("before", "DELETE", "instances/globex", KeycloakServerError("still broken"))
    part = world.reconciler.converge(PARTNERS).of(Outcome.FAILED)[0]
    assert (part.name, part.left) == (
        "globex",
        ("identity_provider globex was not rolled back: still broken",),
    )
    assert world.reconciler.converge(PARTNERS).is_complete


def test_a_failure_on_shared_ground_stops_before_the_partners(world: World) -> None:
    world.fail("before", "POST", "client-scopes", KeycloakServerError("broken"))
    report = world.reconciler.converge(PARTNERS)
    assert report.stopped_by == "client scopes failed"
    assert outcomes(report)["acme"] is Outcome.NOT_ATTEMPTED
    assert world.reconciler.converge(PARTNERS).is_complete


def test_removals_wait_until_every_partner_succeeded(world: World) -> None:
    world.reconciler.converge(PARTNERS)
    world.reconciler.realm = replace(world.reconciler.realm, roles=world.reconciler.realm.roles[:1])
    world.fail("before", "PUT", "instances/globex", KeycloakServerError("broken"))
    report = world.reconciler.converge([*PARTNERS[:1], renamed(PARTNERS[1], "X"), PARTNERS[2]])
    assert outcomes(report)["removals"] is Outcome.NOT_ATTEMPTED
    assert "role workspace-member" in state_of(world)


def test_a_stale_plan_is_refused_and_names_what_changed(world: World) -> None:
    world.reconciler.converge(PARTNERS)
    plan = world.reconciler.plan([renamed(PARTNERS[0], "ACME"), *PARTNERS[1:]])
    connection = world.reconciler.connection
    provider = connection.get("identity-provider/instances/globex")
    connection.put("identity-provider/instances/globex", provider | {"trustEmail": True})
    calls = len(world.server.calls)
    with pytest.raises(StalePlanError, match="identity_provider globex was changed"):
        world.reconciler.apply(plan)
    written = [call for call in world.server.calls[calls:] if call[0] in {"PUT", "POST", "DELETE"}]
    assert all("roles" in path or path == "partial-export" for _, path in written)


def test_the_lock_is_free_again_after_a_refusal(world: World) -> None:
    test_a_stale_plan_is_refused_and_names_what_changed(world)
    assert "partnergate-lock" not in world.server.realms["host"].roles
    assert world.reconciler.converge(PARTNERS).is_complete


def test_the_second_of_two_applies_gets_the_holder(world: World) -> None:
    world.reconciler.converge(PARTNERS)
    other = Reconciler(
        world.server.connection("host"), world.reconciler.realm, run="other", clock=lambda: NOW
    )
    other.lock().take()
    before = state_of(world)
    with pytest.raises(LockedError, match="tester, other"):
        world.reconciler.converge(PARTNERS[:1])
    assert state_of(world) == before


def test_a_secret_that_does_not_resolve_stops_before_anything_is_written(world: World) -> None:
    world.reconciler.converge(())
    plan = world.reconciler.plan(PARTNERS)
    world.reconciler.environ = {}
    with pytest.raises(SecretError, match="PARTNER_SECRET"):
        world.reconciler.apply(plan)
    assert world.server.realms["host"].providers == {}


def test_a_secret_that_changed_since_the_plan_is_not_sent(world: World) -> None:
    world.reconciler.converge(())
    plan = world.reconciler.plan(PARTNERS)
    world.reconciler.environ = {"PARTNER_SECRET": "another-secret"}
    with pytest.raises(StalePlanError, match="stale plan: the secret of"):
        world.reconciler.apply(plan)


def test_a_post_with_a_lost_response_is_resolved_by_reading(world: World) -> None:
    world.reconciler.converge(())
    lost = KeycloakAnswerLostError("the connection was cut")
    for path in ("identity-provider/instances", "acme/mappers", "organizations", "identity-providers"):
        world.fail("after", "POST", path, lost)
    assert world.reconciler.converge(PARTNERS).is_complete
    assert world.reconciler.plan(PARTNERS).is_empty


def test_a_post_that_never_arrived_is_sent_again(world: World) -> None:
    world.reconciler.converge(())
    world.fail("before", "POST", "acme/mappers", KeycloakAnswerLostError("the connection was cut"))
    assert world.reconciler.converge(PARTNERS).is_complete
    assert world.reconciler.plan(PARTNERS).is_empty


def test_a_put_with_a_lost_response_is_not_reported_as_rolled_back(world: World) -> None:
    world.reconciler.converge(PARTNERS)
    world.fail("after", "PUT", "instances/acme", KeycloakAnswerLostError("cut"))
    report = world.reconciler.converge([renamed(PARTNERS[0], "ACME"), *PARTNERS[1:]])
    part = report.of(Outcome.FAILED)[0]
    assert part.left == ("identity_provider acme: outcome unknown",)


def test_a_server_that_does_not_respond_gets_no_request_for_each_partner(world: World) -> None:
    world.reconciler.converge(())
    world.once = False
    world.fail("before", "POST", "identity-provider/instances", KeycloakUnreachableError("no connection"))
    report = world.reconciler.converge(PARTNERS)
    assert report.stopped_by == "the server does not respond"
    assert [part.outcome for part in report.parts[1:]] == [
        Outcome.ROLLED_BACK,
        Outcome.NOT_ATTEMPTED,
        Outcome.NOT_ATTEMPTED,
    ]
    world.faults.clear()
    assert world.reconciler.converge(PARTNERS).is_complete


def test_a_realm_that_is_deleted_meanwhile_stops_the_run(world: World) -> None:
    world.reconciler.converge(())

    def vanish(progress: Progress) -> None:
        if progress.current == "acme":
            world.server.realms.pop("host", None)

    plan = world.reconciler.plan(PARTNERS)
    report = world.reconciler.apply(plan, vanish)
    assert report.stopped_by == "the realm was deleted during the run"
    failed = report.of(Outcome.FAILED)[0]
    assert failed.left == ("nothing, because the realm was deleted",)
    assert failed.error is not None
    assert failed.error.what == "the realm was deleted during the run"
    assert outcomes(report)["initech"] is Outcome.NOT_ATTEMPTED


def test_a_lock_that_was_lost_is_noticed_between_beats(world: World) -> None:
    world.reconciler.converge(())
    with HeldLock(world.reconciler.lock(), beat_seconds=0.005) as held_lock:
        world.server.realms["host"].roles.pop("partnergate-lock")
        waiting = threading.Event()
        while held_lock.lost is None:
            waiting.wait(0.005)
    assert "the lock was lost" in held_lock.lost.what


def test_a_run_that_lost_its_lock_does_not_begin_another_partner(world: World) -> None:
    world.reconciler.converge(())
    plan = world.reconciler.plan(PARTNERS)

    class LostAfterAcme(KeycloakLock):
        def renew(self) -> None:
            raise LockedError("the lock was lost")

    def slow(progress: Progress) -> None:
        if progress.current == "acme":
            threading.Event().wait(0.05)

    world.reconciler.lock_type = LostAfterAcme
    report = world.reconciler.apply(plan, slow, beat_seconds=0.01)
    assert report.stopped_by == "the lock was lost"
    assert outcomes(report)["initech"] is Outcome.NOT_ATTEMPTED


def test_progress_counts_every_step_once(world: World) -> None:
    seen: list[Progress] = []
    plan = world.reconciler.plan(PARTNERS)
    world.reconciler.apply(plan, seen.append)
    assert [p.done for p in seen] == list(range(1, seen[-1].total + 1))
    assert len({p.total for p in seen}) >= 1


def test_a_provider_opens_only_after_its_mappers(world: World) -> None:
    world.reconciler.converge(())
    opened: list[bool] = []

    def look(progress: Progress) -> None:
        realm = world.server.realms["host"]
        if progress.current == "acme" and "acme" in realm.providers and realm.providers["acme"]["enabled"]:
            opened.append(len(realm.mappers) >= 7)

    world.reconciler.apply(world.reconciler.plan(PARTNERS[:1]), look)
    assert opened
    assert all(opened)


@pytest.mark.parametrize("workers", [1, 4, 16])
def test_the_number_of_workers_does_not_matter(world: World, workers: int) -> None:
    world.reconciler.workers = workers
    specs = [saml_partner(f"p{n}", domains=(f"p{n}.example",)) for n in range(20)]
    assert world.reconciler.converge(specs).is_complete
    assert world.reconciler.plan(specs).is_empty


class Stopped(BaseException):
    """Simulates kill -9: no rollback and no release of the lock."""


def writes(world: World, act: Callable[[], object]) -> int:
    before = len(world.server.calls)
    act()
    return sum(1 for method, _ in world.server.calls[before:] if method != "GET")


def test_a_run_that_is_killed_at_any_write_converges_and_keeps_every_link(world: World) -> None:
    """Every single write of the change from one state to another is tried as the last one."""
    start = [oidc_partner("acme", domains=("a.example",)), saml_partner("globex", domains=("g.example",))]
    end = [renamed(oidc_partner("acme", grants=3), "ACME"), saml_partner("globex"), oidc_partner("initech")]

    def prepared() -> World:
        fresh = World()
        fresh.reconciler.converge(start)
        fresh.server.realms["host"].users["u"] = {"username": "u", "links": ["acme", "globex"]}
        return fresh

    reference = prepared()
    total = writes(reference, lambda: reference.reconciler.converge(end))
    wanted = state_of(reference)
    assert total > 20
    for last in range(1, total + 1):
        victim = prepared()
        left = [last]

        def kill(when: str, method: str, _path: str, left: list[int] = left) -> None:
            if left[0] <= 0:
                raise Stopped  # a dead process calls nothing any more
            if method != "GET" and when == "after":
                left[0] -= 1
                if left[0] == 0:
                    raise Stopped

        victim.reconciler.connection._faults = kill
        with pytest.raises(Stopped):
            victim.reconciler.converge(end)
        victim.reconciler.connection = victim.server.connection("host")
        victim.reconciler.clock = lambda: NOW + timedelta(minutes=2)  # the lock is over
        assert victim.reconciler.converge(end).is_complete
        assert victim.reconciler.plan(end).is_empty, f"killed after write {last}"
        assert state_of(victim) == wanted
        assert victim.server.realms["host"].users["u"]["links"] == ["acme", "globex"]


def test_a_small_plan_made_just_now_reads_nothing_but_its_providers(world: World) -> None:
    """One changed partner costs one PUT, not another reading of a thousand."""
    world.reconciler.converge(PARTNERS)
    reader = world.reconciler.reader
    plan = world.reconciler.plan([oidc_partner("acme", prompt="login"), *PARTNERS[1:]], reader=reader)
    calls = len(world.server.calls)
    assert world.reconciler.apply(plan, read_before=reader).is_complete
    made = [call for call in world.server.calls[calls:] if "role" not in call[1]]
    assert [call for call in made if call[0] != "GET"] == [("PUT", "identity-provider/instances/acme")]
    assert {path for _, path in made} <= {
        "identity-provider/instances",
        "identity-provider/instances/acme",
        "identity-provider/instances/acme/mappers",
    }


def test_a_plan_that_grants_an_admin_role_is_refused_before_the_lock_is_taken(world: World) -> None:
    """The check runs on what is about to be written, wherever the plan came from."""
    world.reconciler.converge(PARTNERS)
    plan = world.reconciler.plan([renamed(PARTNERS[0], "ACME"), *PARTNERS[1:]])
    fields = {
        "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
        "config.role": "realm-management.realm-admin",
    }
    mapper = resource(ResourceKind.IDENTITY_PROVIDER_MAPPER, "bonus", fields, parent="acme", owner="acme")
    added = Create(key=mapper.key, owner="acme", desired=mapper)
    requests = len(world.server.calls)
    with pytest.raises(UnsafePlanError, match="acme/bonus grants realm-management"):
        world.reconciler.apply(replace(plan, changes=(*plan.changes, added)))
    assert len(world.server.calls) == requests
