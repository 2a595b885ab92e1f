"""Plan and apply at scale, compared with raw REST calls over kept-alive connections to the same server.

    scripts/benchmark apply --partners 1000

Without --server, it starts a Keycloak and stops it at the end.
The raw calls send only what creates the same partners (provider, mappers, organization, link) over four
connections; they read, compare, lock and check nothing. Each round has a realm of its own, because
deleting one of thousands of partners takes longer than creating it. An administrator creates the realm
and the partners; the plans and the change of one partner run with the service account of a pipeline.
Every figure of partnergate is the wall time of the whole command: start of Python, parsing of all files,
reading, comparing, writing.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import local
from typing import TYPE_CHECKING, Any, NamedTuple

import requests

from partnergate.devstack import keycloak_server
from partnergate.errors import KeycloakNotFoundError
from partnergate.keycloak.connection import KeycloakConnection, connect
from partnergate.keycloak.credentials import PASSWORD, USER, AdminUser
from partnergate.keycloak.session import Session
from partnergate.language.load import load_workspace
from partnergate.realm.representation import mapper_to, organization_to, provider_to
from partnergate.realm.state import ResourceKind
from worlds.reconciling import Reconciler

if TYPE_CHECKING:
    from collections.abc import Iterator

PARTNER = """\
partnergate: 1
partner: {name}
name: Partner {name}
stage: live
sign_in:
  protocol: oidc
  issuer: https://login.{name}.example/
  authorization_url: https://login.{name}.example/authorize
  token_url: https://login.{name}.example/token
  jwks_url: https://login.{name}.example/jwks
  client_id: host-app
  client_secret: {{env: {variable}}}
identity: {{subject: sub, email: email}}
"""
TEMPLATE = """\
partnergate: 1
environment: bench
server_url: {server}
realm: {realm}
stages: [staging, live]
network: {{allow_loopback_http: true}}
clients:
  - client_id: host-app
    redirect_uris: [http://127.0.0.1:8000/callback]
"""
BASE = "partnergate: 1\nclients:\n  - client_id: host-app\n"
CONNECTIONS = 4
SECRET = "a-secret-of-the-benchmark"


def workspace(directory: Path, server: str, partners: int) -> Path:
    """A workspace of that many partners with four mappers each."""
    (directory / "partners").mkdir(parents=True)
    (directory / "realm_templates").mkdir()
    (directory / "realm_templates/base.yaml").write_text(BASE)
    (directory / "realm_templates/bench.yaml").write_text(TEMPLATE.format(server=server, realm="bench"))
    for number in range(partners):
        name = f"p{number:05}"
        (directory / f"partners/{name}.yaml").write_text(
            PARTNER.format(name=name, variable=f"{name.upper()}_CLIENT_SECRET")
        )
    return directory


class Ran(NamedTuple):
    """Time of one command. Its processor seconds are comparable on a busy machine as well."""

    wall: float
    processor: float
    peak_mb: float


def run(directory: Path, *arguments: str, environ: dict[str, str]) -> Ran:
    """Run one command, or end with its output when it fails."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "partnergate", *arguments],
            cwd=directory, env=os.environ | environ, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode()
    if process.returncode:
        sys.exit(f"{arguments} ended with {process.returncode}:\n{text[-3000:]}")
    return Ran(
        wall=time.perf_counter() - started,
        processor=usage.ru_utime + usage.ru_stime,
        peak_mb=usage.ru_maxrss / 1024,
    )


@dataclass(frozen=True)
class Bench:
    """A server, a workspace with all partners and one with none."""

    server: str
    who: AdminUser
    environ: dict[str, str]
    full: Path
    empty: Path

    @contextmanager
    def realm(self, name: str) -> Iterator[KeycloakConnection]:
        """An empty realm, created by the command; both workspaces refer to it from now on."""
        for directory in (self.full, self.empty):
            (directory / "realm_templates/bench.yaml").write_text(
                TEMPLATE.format(server=self.server, realm=name)
            )
        with connect(server_url=self.server, realm=name, credentials=self.who) as connection:
            with suppress(KeycloakNotFoundError):
                connection.delete("")
            run(self.empty, "apply", "-e", "bench", "--yes", "--create-realm", environ=self.environ)
            yield connection


def raw_calls(directory: Path, environ: dict[str, str]) -> list[list[tuple[str, Any]]]:
    """For each partner, the POSTs that create it: what apply sends, each object once, in its final state."""
    found, problems = load_workspace(directory, "bench", variables=environ)
    if found is None:
        sys.exit(f"the generated files have errors: {problems[:3]}")
    reconciler = Reconciler(None, found.realm, environ=environ)
    state = reconciler.desired(found.partners)
    by_partner: dict[str, list[tuple[str, Any]]] = {}
    links: dict[str, tuple[str, Any]] = {}
    for resource in state.resources:
        calls = by_partner.setdefault(resource.owner, [])
        match resource.key.kind:
            case ResourceKind.IDENTITY_PROVIDER:
                body = provider_to(resource)
                body["config"]["clientSecret"] = SECRET
                calls.insert(0, ("identity-provider/instances", body))
            case ResourceKind.IDENTITY_PROVIDER_MAPPER:
                calls.append(
                    (f"identity-provider/instances/{resource.key.parent}/mappers", mapper_to(resource))
                )
            case ResourceKind.ORGANIZATION:
                links[resource.owner] = ("organizations", organization_to(resource))
            case _:
                continue
    return [[*by_partner[partner], links[partner]] for partner in sorted(links)]


def raw(bench: Bench, realm: str, calls: list[list[tuple[str, Any]]]) -> float:
    """Seconds to send them over four kept-alive connections."""
    threads = local()
    base = f"{bench.server}/admin/realms/{realm}"
    tokens = Session(
        server_url=bench.server, realm=realm, credentials=bench.who,
        verify=True, timeout=(5.0, 120.0), pool_size=1,
    )  # fmt: skip

    def send(partner: list[tuple[str, Any]]) -> None:
        if not hasattr(threads, "session"):
            threads.session = requests.Session()
            threads.session.headers["Content-Type"] = "application/json"
        # It lives for a minute, and thousands of partners take longer.
        threads.session.headers["Authorization"] = f"Bearer {tokens.access_token()}"
        made = ""
        for path, body in partner:
            answer = threads.session.post(f"{base}/{path}", data=json.dumps(body))
            answer.raise_for_status()
            made = answer.headers["Location"]
        threads.session.post(f"{made}/identity-providers", data=partner[0][1]["alias"]).raise_for_status()

    started = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(send, calls))
    return time.perf_counter() - started


def pipeline_account(connection: KeycloakConnection) -> dict[str, str]:
    """The environment of a pipeline: the service account with which it plans and applies."""
    client = connection.post(
        "clients", {"clientId": "ci", "publicClient": False, "serviceAccountsEnabled": True, "secret": SECRET}
    )
    user = connection.get(f"clients/{client}/service-account-user")["id"]
    management = connection.get("clients", clientId="realm-management")[0]["id"]
    role = connection.get(f"clients/{management}/roles/realm-admin")
    connection.post(f"users/{user}/role-mappings/clients/{management}", [role])
    return {"PARTNERGATE_KEYCLOAK_CLIENT_ID": "ci", "PARTNERGATE_KEYCLOAK_CLIENT_SECRET": SECRET}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--server", help="URL of a running Keycloak, in which realms bench-... are created")
    parser.add_argument("--partners", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=2, help="rounds of raw calls and apply, alternating")
    parser.add_argument("--user", default="admin")
    parser.add_argument("--password", default="admin")
    options = parser.parse_args()
    with ExitStack() as stack:
        if not options.server:
            # Thousands of partners do not fit the server's default, and it would load them again and again.
            os.environ.setdefault("KC_CACHE_EMBEDDED_REALMS_MAX_COUNT", "100000")
            server = stack.enter_context(keycloak_server())
            options.server, options.user, options.password = (
                server.base_url, server.admin_user, server.admin_password,
            )  # fmt: skip
        measure(options)


def measure(options: argparse.Namespace) -> None:
    who = AdminUser(user=options.user, password=options.password)
    environ = {
        "PARTNERGATE_KEYCLOAK_URL": options.server,
        "PARTNERGATE_KEYCLOAK_USER": who.user,
        "PARTNERGATE_KEYCLOAK_PASSWORD": who.password,
        "PARTNERGATE_FINGERPRINT_KEY": "a key of the benchmark alone",
    } | {f"P{number:05}_CLIENT_SECRET": SECRET for number in range(options.partners)}
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(
            server=options.server,
            who=who,
            environ=environ,
            full=workspace(Path(temporary) / "full", options.server, options.partners),
            empty=workspace(Path(temporary) / "empty", options.server, 0),
        )
        calls = raw_calls(bench.full, environ)
        print(f"{options.partners} partners, {sum(map(len, calls)) + len(calls)} raw calls", flush=True)
        with bench.realm("bench-warm-up"):
            raw(bench, "bench-warm-up", calls[:100])
        ratios = []
        for number in range(options.rounds):
            with bench.realm(f"bench-raw-{number}"):
                took = raw(bench, f"bench-raw-{number}", calls)
            with bench.realm(f"bench-apply-{number}") as connection:
                ran = run(bench.full, "apply", "-e", "bench", "--yes", environ=environ)
            ratios.append(ran.wall / took)
            print(
                f"  raw {took:.2f} s, first apply {ran.wall:.2f} s, ratio {ratios[-1]:.2f}, "
                f"{ran.processor:.2f} s of processor, {ran.peak_mb:.0f} MB",
                flush=True,
            )
        figures = {
            "partners": options.partners,
            "median_ratio": round(statistics.median(ratios), 2),
            **afterwards(bench, connection),
        }
        print(json.dumps(figures, indent=2))


def afterwards(bench: Bench, connection: KeycloakConnection) -> dict[str, Any]:
    """Time of plans without a change in the realm of ``connection``, and of one changed partner."""
    account = {k: v for k, v in bench.environ.items() if k not in {USER, PASSWORD}}
    account |= pipeline_account(connection)
    plans = [run(bench.full, "plan", "-e", "bench", environ=account) for _ in range(11)]
    changes = []
    for prompt in ("login", "consent", "select_account"):
        (bench.full / "partners/p00001.yaml").write_text(
            PARTNER.format(name="p00001", variable="P00001_CLIENT_SECRET").replace(
                "  client_id: host-app\n", f"  client_id: host-app\n  prompt: {prompt}\n"
            )
        )
        changes.append(run(bench.full, "apply", "-e", "bench", "--yes", environ=account).wall)
    return {
        "noop_plan_seconds": round(statistics.median(ran.wall for ran in plans), 2),
        "noop_plan_all": [round(ran.wall, 2) for ran in plans],
        "noop_plan_processor_seconds": round(min(ran.processor for ran in plans), 2),
        "noop_plan_peak_mb": round(max(ran.peak_mb for ran in plans)),
        "one_changed_partner_seconds": round(statistics.median(changes), 2),
    }


if __name__ == "__main__":
    main()
