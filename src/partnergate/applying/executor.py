"""Applies a plan: rejects a stale one, runs its stages, and rolls back the partners that fail.

``planning.stages`` defines the order. Stages of shared resources run one after another, and the first
failure stops the run. The partners of a stage run in parallel, each all or nothing, and a failure of
one does not affect the others.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, assert_never

from partnergate.applying.apply_report import ApplyReport, Outcome, PartReport, Progress
from partnergate.applying.held_lock import BEAT_SECONDS, HeldLock
from partnergate.errors import (
    KeycloakAnswerLostError,
    KeycloakAuthError,
    KeycloakNotFoundError,
    KeycloakUnreachableError,
    PartnergateError,
)
from partnergate.planning.admin_grants import refuse_admin_grants
from partnergate.planning.changes import Create
from partnergate.planning.partial_reads import marks_of_providers, providers_to_reread
from partnergate.planning.reviewed_plan import deleted_realm_error, refuse_stale
from partnergate.planning.stages import PartnerGroup, PartnersStage, PlanStep, RealmStage, stages
from partnergate.realm.state import ResourceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from partnergate.applying.ports import RealmLock, RealmWriter
    from partnergate.planning.plan import Plan
    from partnergate.planning.stages import Stage
    from partnergate.realm.state import RealmState, ResourceKey

WORKERS = 4


def apply_plan(
    plan: Plan,
    *,
    read_state: Callable[[], RealmState],
    writer: Callable[[], RealmWriter],
    lock: RealmLock,
    on_progress: Callable[[Progress], None] = lambda _: None,
    workers: int = WORKERS,
    beat_seconds: float = BEAT_SECONDS,
    read_providers: Callable[[frozenset[str]], RealmState] | None = None,
) -> ApplyReport:
    """Apply exactly the changes of the plan, or raise before anything is written.

    ``read_state`` returns the empty state for a realm that does not exist; ``writer`` is called once,
    after it. ``read_providers`` reads only providers and their mappers. Pass it when the plan was just
    created from a read that the writer has: it is used when the plan changes nothing else.

    Raises ``StalePlanError`` when the realm has changed since the plan was created, ``LockedError``
    while another apply holds the lock, ``SecretError`` for a secret that does not resolve, and
    ``UnsafePlanError`` for a plan that grants admin roles. A change that fails does not raise: the
    report has the outcome.
    """
    if plan.is_empty:
        return ApplyReport()
    refuse_admin_grants(plan)
    todo = stages(plan)
    makes_realm = _makes_realm(todo)
    with ExitStack() as stack:
        # A realm that does not exist has no lock, and only one run can create it.
        held = None if makes_realm else _hold(stack, plan, HeldLock(lock, beat_seconds=beat_seconds))
        touched = providers_to_reread(plan) if read_providers is not None else frozenset()
        if read_providers is not None and touched:
            refuse_stale(plan, marks_of_providers(plan, touched), read_providers(touched))
        else:
            refuse_stale(plan, plan.state, read_state())
        run = _Run(writer(), todo, held_lock=held, on_progress=on_progress, workers=workers)
        run.check()
        if not makes_realm:
            return run.walk(todo)
        made, rest = run.walk(todo[:1]), todo[1:]
        if not made.is_complete:
            why = made.stopped_by or "the realm was not created"
            return ApplyReport(parts=(*made.parts, *_not_attempted(rest)), stopped_by=why)
        run.held_lock = stack.enter_context(HeldLock(lock, beat_seconds=beat_seconds))
        others = run.walk(rest)
        return ApplyReport(parts=(*made.parts, *others.parts), stopped_by=others.stopped_by)


def _hold(stack: ExitStack, plan: Plan, held_lock: HeldLock) -> HeldLock:
    """Hold the lock until the stack ends. The realm existed for the plan; it may be deleted by now."""
    try:
        return stack.enter_context(held_lock)
    except KeycloakNotFoundError as error:
        raise deleted_realm_error(plan) from error


def _makes_realm(todo: tuple[Stage, ...]) -> bool:
    return any(
        isinstance(step.change, Create) and step.change.key.kind is ResourceKind.REALM
        for stage in todo
        if isinstance(stage, RealmStage)
        for step in stage.steps
    )


class _Run:
    """One run over the stages of a plan."""

    def __init__(
        self,
        writer: RealmWriter,
        todo: tuple[Stage, ...],
        *,
        held_lock: HeldLock | None,
        on_progress: Callable[[Progress], None],
        workers: int,
    ) -> None:
        self.held_lock = held_lock
        self._writer = writer
        self._todo = todo
        self._on_progress = on_progress
        self._workers = workers
        self._total = sum(1 for _ in _steps(todo))
        self._done = 0
        self._guard = threading.Lock()
        self._stop = ""

    def check(self) -> None:
        """Raise the failures that can be detected before anything is written."""
        for step in _steps(self._todo):
            self._writer.check(step)

    def walk(self, todo: tuple[Stage, ...]) -> ApplyReport:
        """Run the stages; after a failure on shared resources, the rest is not attempted."""
        parts: list[PartReport] = []
        for index, stage in enumerate(todo):
            parts += self._stage(stage)
            if self._stop or any(part.outcome is not Outcome.DONE for part in parts):
                rest = _not_attempted(todo[index + 1 :])
                reason = self._stop or (f"{stage.title} failed" if rest else "")
                return ApplyReport(parts=(*parts, *rest), stopped_by=reason)
        return ApplyReport(parts=tuple(parts))

    def _stage(self, stage: Stage) -> list[PartReport]:
        match stage:
            case RealmStage():
                return [self._part(stage.title, stage.steps)]
            case PartnersStage():
                return self._partners(stage.groups)
            case _ as never:
                assert_never(never)

    def _partners(self, groups: tuple[PartnerGroup, ...]) -> list[PartReport]:
        with ThreadPoolExecutor(max_workers=self._workers) as pool:
            waiting = [pool.submit(self._part, group.partner, group.steps) for group in groups]
            try:
                return [one.result() for one in waiting]
            except KeyboardInterrupt:
                self._stop = "interrupted"
                return [one.result() for one in waiting]

    def _part(self, name: str, steps: tuple[PlanStep, ...]) -> PartReport:
        """Apply all steps of one part, or none of them."""
        keys = tuple(dict.fromkeys(step.change.key for step in steps))
        self._check_lock()
        if self._stop:
            return PartReport(name=name, outcome=Outcome.NOT_ATTEMPTED, keys=keys)
        undoings: list[tuple[ResourceKey, Callable[[], str]]] = []
        for step in steps:
            try:
                undoings.append((step.change.key, self._writer.carry_out(step)))
            except PartnergateError as error:
                left = self._roll_back(undoings)
                if isinstance(error, KeycloakAnswerLostError):
                    left = (f"{step.change.key}: outcome unknown", *left)
                self._stop_on(error)
                if deleted := self._deleted_realm_error():
                    left = ("nothing, because the realm was deleted",)
                return PartReport(
                    name=name,
                    outcome=Outcome.FAILED if left else Outcome.ROLLED_BACK,
                    keys=keys,
                    failed_at=step.change.key,
                    error=deleted or error,
                    left=left,
                )
            self._progressed(name)
        return PartReport(name=name, outcome=Outcome.DONE, keys=keys)

    def _roll_back(self, undoings: list[tuple[ResourceKey, Callable[[], str]]]) -> tuple[str, ...]:
        """Undo in reverse order; a failure does not stop the rest."""
        left: list[str] = []
        unreached: list[str] = []
        for key, undo in reversed(undoings):
            try:
                left.append(undo())
            except KeycloakUnreachableError:
                unreached.append(str(key))
            except PartnergateError as error:
                left.append(f"{key} was not rolled back: {error.what}")
        if unreached:
            keys = ", ".join(dict.fromkeys(unreached))
            left.append(f"not rolled back, because the server does not respond: {keys}")
        return tuple(what for what in left if what)

    def _stop_on(self, error: PartnergateError) -> None:
        """Stop the run on a failure that affects every partner; waiting partners are not attempted."""
        match error:
            case KeycloakUnreachableError():
                self._stop = self._stop or "the server does not respond"
            case KeycloakAuthError():
                self._stop = self._stop or "the server no longer accepts the credentials of this run"
            case KeycloakNotFoundError() if self.held_lock is not None:
                lost = self.held_lock.check()
                if lost is not None:
                    self._stop = self._stop or lost.what
            case _:
                return

    def _deleted_realm_error(self) -> PartnergateError | None:
        lost = self.held_lock.lost if self.held_lock is not None else None
        return lost if isinstance(lost, KeycloakNotFoundError) else None

    def _check_lock(self) -> None:
        if self.held_lock is not None and self.held_lock.lost is not None:
            self._stop = self._stop or self.held_lock.lost.what

    def _progressed(self, name: str) -> None:
        with self._guard:
            self._done += 1
            self._on_progress(Progress(done=self._done, total=self._total, current=name))


def _steps(todo: Iterable[Stage]) -> Iterable[PlanStep]:
    for stage in todo:
        match stage:
            case RealmStage():
                yield from stage.steps
            case PartnersStage():
                for group in stage.groups:
                    yield from group.steps


def _not_attempted(todo: Iterable[Stage]) -> list[PartReport]:
    parts: list[PartReport] = []
    for stage in todo:
        match stage:
            case RealmStage():
                named = [(stage.title, stage.steps)]
            case PartnersStage():
                named = [(group.partner, group.steps) for group in stage.groups]
        parts += [
            PartReport(
                name=name,
                outcome=Outcome.NOT_ATTEMPTED,
                keys=tuple(dict.fromkeys(step.change.key for step in steps)),
            )
            for name, steps in named
        ]
    return parts
