"""Threads for blocking work, one bounded pool for each kind, so that no kind can hold up another.

The event loop runs everything that does not block: health checks, launch decisions, token checks with
cached keys. No route uses the thread pool that the web framework shares among all routes;
``access.refuse_undeclared`` checks this when the application is created.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi.routing import APIRoute

from partnergate.service.problems import HttpProblem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class Workload:
    """One kind of blocking work. Used from one event loop only.

    A request waits at most ``patience_s`` for a thread. When too many wait, or after that time, it gets
    503 with ``Retry-After``.
    """

    name: str
    threads: int
    waiting: int
    """Number of requests that may wait for a thread."""
    share: int = 0
    """Number of threads that requests about the same partner may use at the same time; 0 for all."""
    patience_s: float = 5.0
    _running: asyncio.Semaphore = field(init=False)
    _admitted: int = 0
    _by_partner: Counter[str] = field(default_factory=Counter)
    _lanes: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    _pool: ThreadPoolExecutor | None = None

    def __post_init__(self) -> None:
        self._running = asyncio.Semaphore(self.threads)
        self.share = self.share or self.threads

    async def run(self, work: Callable[[], T], *, partner: str = "") -> T:
        """Run ``work`` in a thread and return its result. Raises a 503 ``HttpProblem`` when it is full."""
        async with self._thread_for(partner):
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix=self.name)
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Stop the threads. Work that has not started is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None

    def in_threads(self, handler: Callable[..., T]) -> Callable[..., Awaitable[T]]:
        """Return a coroutine function that runs ``handler`` in a thread, in the lane of its partner."""

        @functools.wraps(handler)
        async def run(**values: Any) -> T:
            return await self.run(functools.partial(handler, **values), partner=values.get("partner", ""))

        return run

    def route_class(self) -> type[APIRoute]:
        """Return a route class for routers: blocking handlers run in the threads of this kind of work."""
        workload = self

        class WorkRoute(APIRoute):
            def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
                blocks = not inspect.iscoroutinefunction(endpoint)
                super().__init__(path, workload.in_threads(endpoint) if blocks else endpoint, **options)

        return WorkRoute

    @asynccontextmanager
    async def _thread_for(self, partner: str) -> AsyncIterator[None]:
        if self._admitted >= self.threads + self.waiting or (
            partner and self._by_partner[partner] >= self.share + self.waiting // 2
        ):
            raise self._busy()
        self._admitted += 1
        self._by_partner[partner] += 1
        lane = self._lanes.setdefault(partner, asyncio.Semaphore(self.share if partner else self.threads))
        try:
            await self._acquire(lane)
            try:
                yield
            finally:
                self._running.release()
                lane.release()
        finally:
            self._admitted -= 1
            self._by_partner[partner] -= 1
            if not self._by_partner[partner]:  # names come from requests, so none is kept
                del self._by_partner[partner], self._lanes[partner]

    async def _acquire(self, lane: asyncio.Semaphore) -> None:
        """Wait for the partner's turn, and then for a thread."""
        try:
            async with asyncio.timeout(self.patience_s):
                await lane.acquire()
                try:
                    await self._running.acquire()
                except BaseException:
                    lane.release()
                    raise
        except TimeoutError as error:
            raise self._busy() from error

    def _busy(self) -> HttpProblem:
        return HttpProblem(
            503,
            "the service is busy",
            headers={"Retry-After": "5"},
            advice="wait a moment, then try again",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Workloads:
    """The kinds of blocking work of one service.

    Their threads and the background loops together need fewer database connections than the store has
    (15), so that requests never take the last connection of the usage writer.
    """

    pages: Workload = field(
        default_factory=lambda: Workload(name="pages", threads=5, waiting=40, share=3, patience_s=10)
    )
    """The pages of operators and partners, which read the store and rate drafts."""
    reports: Workload = field(
        default_factory=lambda: Workload(name="reports", threads=2, waiting=20, share=1, patience_s=10)
    )
    """Quantities for the API."""
    health: Workload = field(default_factory=lambda: Workload(name="health", threads=1, waiting=8))
    """Readiness and metrics, which read the store."""
    keys: Workload = field(default_factory=lambda: Workload(name="keys", threads=2, waiting=32))
    """Tokens that need a request for the realm's signing keys."""

    def close(self) -> None:
        """Stop all threads."""
        for workload in (self.pages, self.reports, self.health, self.keys):
            workload.close()
