"""The HTTP protocol of the server, with time limits for every phase of a connection.

uvicorn limits only the time between two requests. Without the limits here, a client that sends half a
request keeps its connection and its descriptor forever (docs/decisions/connection-limits.md).
"""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from partnergate.service.logs import log_event

if TYPE_CHECKING:
    import asyncio

    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

    from partnergate.service.connections.limits import ConnectionLimits


class BoundedProtocol(HttpToolsProtocol):
    """One connection. ``bounded_protocol`` returns the class for one server."""

    limits: ConnectionLimits
    unfinished: dict[BoundedProtocol, None]
    """The connections of the server whose request head is incomplete, oldest first."""
    idle: dict[BoundedProtocol, None]
    """The connections of the server that wait for a next request, longest wait first."""
    uploading: dict[BoundedProtocol, None]
    """The connections of the server whose body is incomplete, longest without a byte first."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._deadline: asyncio.TimerHandle | None = None
        """Ends the phase in which the client sends: the head, or the body."""
        self._write_deadline: asyncio.TimerHandle | None = None
        self._in_body = False
        self._received = 0
        self._body_began = self._last_data = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, and close an older one without a request if there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.connections and not self._make_room():
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, "retry-after: 5\r\n")
            return
        self._begin_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel every time limit."""
        self._end_phase()
        self._cancel_write_deadline()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse, and refuse a head or a request that is too large."""
        self._received += len(data)
        self._last_data = self.loop.time()
        if self._in_body:
            self.uploading[self] = self.uploading.pop(self, None)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self in self.unfinished and self._received > self.limits.head_bytes:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif self._in_body and self._received > self.limits.request_bytes:
            self._end_request(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_begin(self) -> None:
        """Start the time limit of the head of a second or later request."""
        super().on_message_begin()
        self._received = 0
        if self not in self.unfinished:
            self._begin_head()

    def on_headers_complete(self) -> None:
        """Start the time limit of the body."""
        self._end_phase()
        self._in_body = True
        self.uploading[self] = None
        self._body_began = self._last_data = self.loop.time()
        self._deadline = self.loop.call_later(self.limits.body_pause_s, self._check_body)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """End the time limit of the body."""
        self._end_phase()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the client to receive the end of the last response."""
        super().on_response_complete()
        if self.transport.is_closing():
            self._expect_progress()
        elif self.timeout_keep_alive_task is not None and not self._in_body and self not in self.unfinished:
            self.idle[self] = None

    def _unset_keepalive_if_required(self) -> None:
        self.idle.pop(self, None)
        super()._unset_keepalive_if_required()

    def timeout_keep_alive_handler(self) -> None:
        """Close the connection between two requests, even if the client does not read."""
        self._close()

    def pause_writing(self) -> None:
        """Start the time limit of writing, because the client does not read."""
        super().pause_writing()
        self._expect_progress()

    def resume_writing(self) -> None:
        """End the time limit of writing."""
        super().resume_writing()
        self._cancel_write_deadline()

    def _begin_head(self) -> None:
        self.unfinished[self] = None
        self._deadline = self.loop.call_later(self.limits.head_s, self._head_expired)

    def _end_phase(self) -> None:
        for waiting in (self.unfinished, self.idle, self.uploading):
            waiting.pop(self, None)
        self._in_body = False
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_expired(self) -> None:
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is not None and not cycle.response_complete:
            cycle.keep_alive = False  # an earlier request of the connection is still being answered
            self._end_phase()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)

    def _check_body(self) -> None:
        """Close the connection if the body is late; otherwise check again at the next possible moment."""
        now = self.loop.time()
        if self.flow.read_paused:  # the service does not read, so the client cannot send
            self._last_data = now
        left = min(
            self._body_began + self.limits.body_s - now, self._last_data + self.limits.body_pause_s - now
        )
        if left > 0:
            self._deadline = self.loop.call_later(left, self._check_body)
        else:
            self._end_request(HTTPStatus.REQUEST_TIMEOUT)

    def _end_request(self, status: HTTPStatus) -> None:
        """Take the connection away from the request, and respond unless it has responded."""
        begun = self.cycle.response_started
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        if begun:
            self._close()
        else:
            self._refuse(status)

    def _make_room(self) -> bool:
        """Close the oldest connection without a complete request. False if every connection has one."""
        for waiting in (self.unfinished, self.idle, self.uploading):
            for oldest in waiting:
                oldest._end_phase()  # noqa: SLF001 - another connection of the same class
                oldest.transport.abort()
                return True
        return False

    def _refuse(self, status: HTTPStatus, header: str = "") -> None:
        log_event("connection_refused", logging.WARNING, status=status.value)
        if not self.transport.is_closing():
            head = f"HTTP/1.1 {status.value} {status.phrase}\r\n{header}"
            self.transport.write(f"{head}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        self._close()

    def _close(self) -> None:
        self._end_phase()
        self.transport.close()
        self._expect_progress()

    def _expect_progress(self) -> None:
        if self._write_deadline is None:
            self._write_deadline = self.loop.call_later(self.limits.write_s, self.transport.abort)

    def _cancel_write_deadline(self) -> None:
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None


def bounded_protocol(limits: ConnectionLimits) -> type[BoundedProtocol]:
    """Return the protocol class of one server."""
    own = {"limits": limits, "unfinished": {}, "idle": {}, "uploading": {}}
    return type("ServerProtocol", (BoundedProtocol,), own)
