"""The line as a chain of fixtures, one a step: a test of a step needs all steps before it and no order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from partnergate.devstack.ports import free_ports
from partnergate.playground.cast import PEOPLE
from partnergate.playground.line import ENVIRONMENT, Line, new_line
from partnergate.playground.sidecar import (
    Session,
    Sidecar,
    running_sidecar,
    wait_for_sessions,
    wait_for_tasks,
)
from partnergate.playground.usage_story import Reported, usage_story

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.devstack import KeycloakServer
    from partnergate.login.http_login import Login
    from partnergate.playground.commands import Ran

ROOT = Path(__file__).parents[3]

Logins = dict[tuple[str, str], "Login"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the commands of the second step said."""

    validate: Ran
    plan: Ran
    apply: Ran
    second_plan: Ran


@pytest.fixture(scope="module")
def line(keycloak: KeycloakServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """Step 1: the partners with their own identity providers."""
    (port,) = free_ports(1)
    made = new_line(
        keycloak,
        root=ROOT,
        work=tmp_path_factory.mktemp("line"),
        app_url=f"http://localhost:{port}",
        suffix="-line",
    )
    made.clean_up()
    made.start_partners()
    yield made
    made.clean_up()


@pytest.fixture(scope="module")
def applied(line: Line) -> Applied:
    """Step 2: from files to the realm."""
    file = str(line.work / "plan.json")
    return Applied(
        validate=line.command("validate"),
        plan=line.command("plan", "--environment", ENVIRONMENT, "--output", file),
        apply=line.command("apply", file, "--create-realm"),
        second_plan=line.command("plan", "--environment", ENVIRONMENT, "--detailed-exitcode"),
    )


@pytest.fixture(scope="module")
def ready(line: Line, applied: Applied) -> Line:
    """The partners have registered the host."""
    assert applied.apply.exit_code == 0, applied.apply.output + applied.apply.errors
    line.hand_off()
    return line


@pytest.fixture(scope="module")
def logins(ready: Line) -> Logins:
    """Step 3: everybody has logged in through their own provider."""
    return {(who.partner, who.name): ready.log_in(who) for who in PEOPLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Step 5: what was reported, and what the sidecar answered."""

    sidecar: Sidecar
    story: tuple[Reported, ...]
    answer: dict[str, Any]


@pytest.fixture(scope="module")
def sidecar(ready: Line, logins: Logins) -> Iterator[Sidecar]:
    """Step 4: the sidecar runs, and finds logins that happened before it."""
    (port,) = free_ports(1)
    with running_sidecar(ready, port=port) as running:
        yield running


@pytest.fixture(scope="module")
def sessions(ready: Line, logins: Logins, sidecar: Sidecar) -> dict[str, Session]:
    """Step 4: the sessions as the sidecar's store has them."""
    return wait_for_sessions(ready, [login.session_id for login in logins.values()])


@pytest.fixture(scope="module")
def told(logins: Logins, sidecar: Sidecar, sessions: dict[str, Session]) -> Told:
    """Step 5: usage has been reported and attributed."""
    story = usage_story(logins, datetime.now(UTC))
    answer = sidecar.report([reported.event for reported in story])
    wait_for_tasks(sidecar)
    return Told(sidecar=sidecar, story=story, answer=answer)
