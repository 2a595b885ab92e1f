"""The main job as a chain of fixtures, one per step: a test requests its step, and so all steps before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from partnergate.devstack.free_ports import free_ports
from partnergate.playground.cast import PEOPLE
from partnergate.playground.main_job import ENVIRONMENT, MainJob
from partnergate.playground.one_period import days_of, wait_for_room
from partnergate.playground.sidecar import (
    Session,
    Sidecar,
    running_sidecar,
    wait_for_sessions,
    wait_for_tasks,
)
from partnergate.playground.usage_story import Reported, story_time, usage_story
from worlds.main_jobs import delete_realms, renamed_job

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from partnergate.devstack import KeycloakServer
    from partnergate.login.http_login import Login
    from partnergate.model.partner import PartnerId
    from partnergate.playground.commands import Ran

Logins = dict[tuple[str, str], "Login"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """The results of the commands of step 2."""

    validate: Ran
    plan: Ran
    apply: Ran
    second_plan: Ran


@pytest.fixture(scope="module")
def job(keycloak: KeycloakServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MainJob]:
    """Step 1: the partners with their identity providers."""
    (port,) = free_ports(1)
    made = renamed_job(
        keycloak,
        work=tmp_path_factory.mktemp("job"),
        app_url=f"http://localhost:{port}",
        suffix="-job",
    )
    delete_realms(made)
    made.start_partners()
    yield made
    delete_realms(made)


@pytest.fixture(scope="module")
def applied(job: MainJob) -> Applied:
    """Step 2: from files to the realm."""
    file = str(job.work / "plan.json")
    return Applied(
        validate=job.command("validate"),
        plan=job.command("plan", "--environment", ENVIRONMENT, "--output", file),
        apply=job.command("apply", file, "--create-realm"),
        second_plan=job.command("plan", "--environment", ENVIRONMENT, "--detailed-exitcode"),
    )


@pytest.fixture(scope="module")
def ready(job: MainJob, applied: Applied) -> MainJob:
    """The partners have registered the host."""
    assert applied.apply.exit_code == 0, applied.apply.output + applied.apply.errors
    job.hand_off()
    return job


@pytest.fixture(scope="module")
def logins(ready: MainJob) -> Logins:
    """Step 3: every user has logged in through their partner's provider."""
    wait_for_room(ready.workspace().partners)  # real time: no period may end meanwhile
    return {(who.partner, who.name): ready.log_in(who) for who in PEOPLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Step 5: the reported events and the receipt."""

    sidecar: Sidecar
    story: tuple[Reported, ...]
    receipt: dict[str, Any]
    days: Mapping[PartnerId, str]
    """A day in the period of each partner in which the story happened."""


@pytest.fixture(scope="module")
def sidecar(ready: MainJob, logins: Logins) -> Iterator[Sidecar]:
    """Step 4: the sidecar runs, and reads logins from before its start."""
    (port,) = free_ports(1)
    with running_sidecar(ready, port=port) as running:
        yield running


@pytest.fixture(scope="module")
def sessions(ready: MainJob, logins: Logins, sidecar: Sidecar) -> dict[str, Session]:
    """Step 4: the sessions in the sidecar's store."""
    return wait_for_sessions(ready, [login.session_id for login in logins.values()])


@pytest.fixture(scope="module")
def usage(ready: MainJob, logins: Logins, sidecar: Sidecar, sessions: dict[str, Session]) -> Usage:
    """Step 5: usage has been reported and attributed."""
    story = usage_story(logins)
    receipt = sidecar.report([reported.event for reported in story])
    days = days_of(ready.workspace().partners, story_time(logins))
    wait_for_tasks(sidecar, days)
    return Usage(sidecar=sidecar, story=story, receipt=receipt, days=days)
