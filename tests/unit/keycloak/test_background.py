"""Work in the background gives what it made, raises what it met, and keeps no command from ending."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from partnergate.errors import KeycloakForbiddenError
from partnergate.keycloak.background import BackgroundTask


def test_a_task_starts_immediately_and_its_result_can_be_read_repeatedly() -> None:
    begun = threading.Event()
    released = threading.Event()

    def work() -> str:
        begun.set()
        released.wait()
        return "read"

    ahead = BackgroundTask(work)
    begun.wait()
    released.set()
    assert [ahead.result(), ahead.result()] == ["read", "read"]


def test_what_it_met_is_raised_to_who_asks() -> None:
    def work() -> str:
        raise KeycloakForbiddenError("no")

    ahead = BackgroundTask(work)
    with pytest.raises(KeycloakForbiddenError, match="no"):
        ahead.result()


def test_a_program_ends_without_waiting_for_it() -> None:
    program = (
        "import threading\n"
        "from partnergate.keycloak.background import BackgroundTask\n"
        "BackgroundTask(threading.Event().wait)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
