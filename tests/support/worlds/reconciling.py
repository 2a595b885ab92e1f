"""Plan and apply against a fake or real realm, as the commands do, but from values instead of files."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from builders.partners import SECRET_VARIABLE, by_partner
from partnergate.applying.executor import apply_plan
from partnergate.applying.held_lock import BEAT_SECONDS
from partnergate.keycloak.lock import Holder, KeycloakLock
from partnergate.keycloak.reader import KeycloakReader
from partnergate.keycloak.secrets import KeyedFingerprints, SecretCheck, SecretResolver
from partnergate.keycloak.write.realm_writer import KeycloakWriter
from partnergate.planning.plan import make_plan
from partnergate.playground.real_clock import now
from partnergate.realm.desired import desired_state

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partnergate.applying.apply_report import ApplyReport, Progress
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import PartnerSpec
    from partnergate.planning.plan import Plan
    from partnergate.realm.state import RealmState

KEY = b"a key of the tests, never of a realm"


@dataclass(slots=True)
class Reconciler:
    """One environment, and everything needed to plan and apply it."""

    connection: Any
    realm: RealmSpec
    environ: dict[str, str] = field(default_factory=lambda: {SECRET_VARIABLE: "first-secret"})
    run: str = "run-1"
    clock: Callable[[], datetime] = now
    workers: int = 4
    lock_type: type[KeycloakLock] = KeycloakLock

    @property
    def reader(self) -> KeycloakReader:
        """A new reader."""
        return KeycloakReader(self.connection)

    @property
    def resolve(self) -> SecretResolver:
        """Secrets of ``environ``."""
        return SecretResolver(environ=self.environ)

    @property
    def fingerprints(self) -> KeyedFingerprints:
        """Fingerprints with the key of the tests."""
        return KeyedFingerprints(key=KEY, resolve=self.resolve)

    def desired(self, partners: Iterable[PartnerSpec], server_version: str = "26.7.3") -> RealmState:
        """The desired state of the partners."""
        return desired_state(
            self.realm, by_partner(partners), fingerprints=self.fingerprints, server_version=server_version
        )

    def plan(
        self,
        partners: Iterable[PartnerSpec],
        only: tuple[str, ...] = (),
        *,
        reader: KeycloakReader | None = None,
    ) -> Plan:
        """A plan from the current state of the realm."""
        reader = reader or self.reader
        actual = reader.read_or_empty()
        specs = by_partner(partners)
        return make_plan(
            self.realm,
            specs,
            desired=self.desired(specs, actual.server_version),
            actual=actual,
            created_at=self.clock(),
            tool_version="0",
            linked_users=reader.linked_users,
            only_partners=only,
        )

    def apply(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], None] = lambda _: None,
        *,
        beat_seconds: float = BEAT_SECONDS,
        read_before: KeycloakReader | None = None,
    ) -> ApplyReport:
        """Apply exactly the plan. ``read_before``: the reader that it was just created with."""
        reader = read_before or self.reader
        check = SecretCheck(
            fingerprints=self.fingerprints, server_url=self.realm.server_url, realm=self.realm.realm
        )

        def writer() -> KeycloakWriter:
            return KeycloakWriter(
                self.connection, reader.representation, resolve=self.resolve, check_secret=check
            )

        return apply_plan(
            plan,
            read_state=reader.read_or_empty,
            writer=writer,
            lock=self.lock(),
            on_progress=on_progress,
            workers=self.workers,
            beat_seconds=beat_seconds,
            read_providers=reader.read_providers if read_before else None,
        )

    def converge(self, partners: Iterable[PartnerSpec]) -> ApplyReport:
        """Plan and apply."""
        specs = by_partner(partners)
        return self.apply(self.plan(specs))

    def lock(self, *, is_alive: Callable[[str], bool] = lambda _: True, seconds: float = 60) -> KeycloakLock:
        """The lock for ``run``."""
        return self.lock_type(
            self.connection,
            holder=Holder(name=f"tester, {self.run}", run=self.run, space="here", process=self.run),
            clock=self.clock,
            is_alive=is_alive,
            lifetime=timedelta(seconds=seconds),
        )
