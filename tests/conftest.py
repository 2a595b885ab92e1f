"""Fixtures for every suite: the real servers, and the rule that CI skips no test."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine

from partnergate.devstack import find_chromium, find_postgresql, keycloak_server, postgresql_server

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from partnergate.devstack import KeycloakServer, PostgresqlServer

TESTS = Path(__file__).parent
MOVED_CLOCK = pytest.StashKey[Any]()


def pytest_configure(config: pytest.Config) -> None:
    """``PARTNERGATE_TEST_CLOCK``, an instant in ISO 8601, moves the clock there (``scripts/test dates``)."""
    if instant := os.environ.get("PARTNERGATE_TEST_CLOCK"):
        moved = time_machine.travel(datetime.fromisoformat(instant))
        config.stash[MOVED_CLOCK] = moved.start()
        config.add_cleanup(moved.stop)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Each test begins at that instant and time runs on, so a border just after it lies inside many tests."""
    if moved := item.config.stash.get(MOVED_CLOCK, None):
        moved.move_to(datetime.fromisoformat(os.environ["PARTNERGATE_TEST_CLOCK"]))
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With CI=true, a skipped test fails: a missing server must not look like a passed run."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which CI does not allow: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _no_network_in_unit_tests(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if not request.path.is_relative_to(TESTS / "unit"):
        return

    def refuse(_self: socket.socket, address: object) -> None:
        message = f"a unit test connects to {address!r}; it belongs into tests/integration"
        raise AssertionError(message)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def keycloak() -> Iterator[KeycloakServer]:
    """A real Keycloak, shared by all suites and workers, and reused by the next run.

    Make realms of your own in it, and delete them.
    """
    with keycloak_server(reuse="tests") as server:
        yield server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL cluster for this worker; each test creates its own databases in it."""
    if find_postgresql() is None:
        pytest.skip("no PostgreSQL server binaries on this machine; scripts/bootstrap installs them as root")
    with postgresql_server() as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The executable of the system's Chromium."""
    found = find_chromium()
    if found is None:
        pytest.skip("no Chromium on this machine; scripts/bootstrap installs it as root")
    return found
