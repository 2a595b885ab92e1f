"""A server that accepts every connection and sends one byte a second, or nothing, so no response ever ends."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self


class SlowServer:
    """Listens on loopback until the ``with`` statement ends; ``connections`` counts those it accepted."""

    def __init__(self, *, silent: bool = False) -> None:
        self._silent = silent
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self._stopping = threading.Event()
        self.connections = 0
        self.open = 0
        self.most_open = 0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """The URL of the server."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._trickle, args=(connection,), daemon=True).start()

    def _trickle(self, connection: socket.socket) -> None:
        with self._lock:
            self.connections += 1
            self.open += 1
            self.most_open = max(self.most_open, self.open)
        with contextlib.suppress(OSError), connection:
            while self._silent and not self._stopping.wait(1):
                pass
            connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
            while not self._stopping.wait(1):
                connection.sendall(b" ")
        with self._lock:
            self.open -= 1
