"""``RealmLock``: one holder, which the others see, and an expiry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from builders.realms import host_realm
from partnergate.errors import KeycloakNotFoundError, LockedError
from worlds.reconciling import Reconciler

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def runs(made: Any) -> tuple[Reconciler, Reconciler]:
    """Two runs on the same realm, both with the clock at ``NOW``."""
    realm = host_realm(made.realm, made.server_url)
    first, second = Reconciler(made, realm, run="one"), Reconciler(made, realm, run="two")
    first.clock = second.clock = lambda: NOW
    return first, second


def test_a_second_apply_gets_the_holder_and_its_start_time(runs: tuple[Reconciler, Reconciler]) -> None:
    runs[0].lock().take()
    with pytest.raises(LockedError, match=r"tester, one, since 2026-11-24T12:00:00"):
        runs[1].lock().take()


def test_a_released_lock_is_free(runs: tuple[Reconciler, Reconciler]) -> None:
    lock = runs[0].lock()
    lock.take()
    lock.release()
    lock.release()
    runs[1].lock().take()


def test_a_lock_without_renewal_expires(runs: tuple[Reconciler, Reconciler]) -> None:
    crashed = runs[0].lock()
    crashed.take()
    runs[1].clock = lambda: NOW + timedelta(seconds=60)
    runs[1].lock().take()
    with pytest.raises(LockedError, match="another run took the lock over"):
        crashed.renew()


def test_a_renewed_lock_expires_later(runs: tuple[Reconciler, Reconciler]) -> None:
    held = runs[0].lock()
    held.take()
    runs[0].clock = lambda: NOW + timedelta(seconds=50)
    held = runs[0].lock() if held is None else held
    held._clock = runs[0].clock
    held.renew()
    runs[1].clock = lambda: NOW + timedelta(seconds=100)
    with pytest.raises(LockedError):
        runs[1].lock().take()


def test_a_lock_of_an_ended_process_is_ignored_on_its_machine(
    runs: tuple[Reconciler, Reconciler],
) -> None:
    runs[0].lock().take()
    runs[1].lock(is_alive=lambda process: process != "one").take()


def test_an_old_holder_cannot_release_the_lock_of_a_new_one(runs: tuple[Reconciler, Reconciler]) -> None:
    crashed = runs[0].lock()
    crashed.take()
    runs[1].lock(is_alive=lambda _: False).take()
    crashed.release()
    third = Reconciler(runs[0].connection, runs[0].realm, run="three", clock=lambda: NOW)
    with pytest.raises(LockedError, match="tester, two"):
        third.lock().take()


def test_a_deleted_realm_is_reported_as_deleted(runs: tuple[Reconciler, Reconciler], made: Any) -> None:
    held = runs[0].lock()
    held.take()
    made.delete("")
    with pytest.raises(KeycloakNotFoundError, match="deleted during the run"):
        held.renew()


def test_the_lock_is_no_part_of_the_state(runs: tuple[Reconciler, Reconciler]) -> None:
    before = runs[0].reader.read_state()
    runs[0].lock().take()
    assert runs[0].reader.read_state() == before
