"""Fixtures: a separate workspace and realm for each test, and the commands that use them."""

from __future__ import annotations

import itertools
import os
import re
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from golden_files import assert_golden
from hostile.fault_proxy import FaultProxy, fault_proxy
from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.connection import KeycloakConnection, connect
from partnergate.keycloak.credentials import AdminUser
from partnergate.playground.commands import Ran, run_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from partnergate.devstack import KeycloakServer

ROOT = Path(__file__).parents[3]
_numbers = itertools.count(1)


@dataclass(slots=True)
class Workspace:
    """The shipped partners in environment demo, with a separate realm for the test."""

    directory: Path
    realm: str
    server_url: str
    connection: KeycloakConnection
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, **environ: str) -> Ran:
        """Run ``partnergate ARGUMENTS``; the credentials are for the server of the template."""
        given = self.environ | environ
        server = {"PARTNERGATE_KEYCLOAK_URL": given["PARTNERGATE_VAR_SERVER_URL"]}
        return run_command(*arguments, directory=self.directory, environ=given | server | environ)

    def use_server(self, url: str) -> None:
        """Reach the server at another URL, such as that of a proxy, and send the credentials there."""
        self.environ |= {"PARTNERGATE_VAR_SERVER_URL": url, "PARTNERGATE_KEYCLOAK_URL": url}

    def apply(self, *arguments: str, **environ: str) -> Ran:
        return self.run("apply", "-e", "demo", "--yes", "--create-realm", *arguments, **environ)

    def plan(self, *arguments: str, **environ: str) -> Ran:
        return self.run("plan", "-e", "demo", "--detailed-exitcode", *arguments, **environ)

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace one text in one file."""
        path = self.directory / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.fixture
def workspace(keycloak: KeycloakServer, tmp_path: Path) -> Iterator[Workspace]:
    realm = f"apply-story-{os.getpid()}-{next(_numbers)}"
    for name in ("partners", "realm_templates"):
        shutil.copytree(ROOT / name, tmp_path / name)
    template = tmp_path / "realm_templates/demo.yaml"
    template.write_text(template.read_text(encoding="utf-8").replace("realm: host-demo", f"realm: {realm}"))
    who = AdminUser(user=keycloak.admin_user, password=keycloak.admin_password)
    with connect(server_url=keycloak.base_url, realm=realm, credentials=who) as connection:
        environ = {
            "PARTNERGATE_VAR_SERVER_URL": keycloak.base_url,
            "PARTNERGATE_KEYCLOAK_URL": keycloak.base_url,
            "PARTNERGATE_VAR_DEMO_IDP": keycloak.base_url,
            "PARTNERGATE_KEYCLOAK_USER": keycloak.admin_user,
            "PARTNERGATE_KEYCLOAK_PASSWORD": keycloak.admin_password,
            "PARTNERGATE_KEYCLOAK_CLIENT_ID": "",
            "PARTNERGATE_KEYCLOAK_CLIENT_SECRET": "",
            "ACME_CLIENT_SECRET": "acme-secret-of-the-test",
            "INITECH_CLIENT_SECRET": "initech-secret-of-the-test",
        }
        yield Workspace(
            directory=tmp_path,
            realm=realm,
            server_url=keycloak.base_url,
            connection=connection,
            environ=environ,
        )
        with suppress(KeycloakNotFoundError):
            connection.delete("")


@pytest.fixture
def proxy(keycloak: KeycloakServer) -> Iterator[FaultProxy]:
    """Run a proxy in front of the server."""
    with fault_proxy(keycloak.base_url) as running:
        yield running


GOLDEN = ROOT / "tests/golden/bad_worlds"
_CHANCE = (
    (re.compile(r"apply-story-\d+-\d+"), "REALM"),
    (re.compile(r"(https?)://(localhost|127\.0\.0\.1):\d+"), r"\1://HOST"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?"), "TIME"),
    (re.compile(r"\w+ on [\w-]+, process \d+"), "WHO on MACHINE, process N"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "ID"),
)
"""Patterns of the values that differ between runs, and their replacements."""


_REPORT = re.compile(r"^(?:(?:created|changed|adopted|replaced|deleted): |Applied: )", re.MULTILINE)
"""The start of the report of an apply."""


def _as_reviewed(name: str, ran: Ran) -> None:
    """Compare the exit code and the complete output with the reviewed file ``name``.

    For an apply, only the report is compared, from the first list of resources on: the plan before it
    has separate golden files.
    ``scripts/generate --golden tests/integration/keycloak`` writes the file.
    """
    output = ran.output
    if ran.arguments[0] == "apply":
        report = _REPORT.search(output)
        output = output[report.start() :] if report else ""
    text = f"$ {ran.line}\n{output}--- errors, then exit code {int(ran.exit_code)}\n{ran.errors}"
    for pattern, word in _CHANCE:
        text = pattern.sub(word, text)
    assert_golden(GOLDEN / f"{name}.txt", text)


@pytest.fixture
def as_reviewed() -> Callable[[str, Ran], None]:
    """Return the comparison of the output of a command with a reviewed file."""
    return _as_reviewed
