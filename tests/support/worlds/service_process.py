"""A real ``partnergate serve`` in another process, and requests to it."""

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

WORKSPACE = Path(__file__).parents[3]
BATCH = "application/cloudevents-batch+json"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Service:
    """The service of the demo workspace. It can be started, killed and started again on the same port."""

    def __init__(self, url, *options, environ=None, workspace=WORKSPACE, prefix=()):
        self.port = free_port()
        self.command = [
            *prefix,
            *(sys.executable, "-m", "partnergate", "serve", "-e", "demo", "--root", str(workspace)),
            *("--store", url, "--port", str(self.port), "--without-events", *options),
        ]
        self.environ = {**os.environ, **(environ or {})}
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            self.command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=self.environ,
        )
        return self

    def wait(self, seconds=60):
        """Wait until it listens."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                message = f"the service ended with {self.process.returncode}"
                raise AssertionError(message)
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            time.sleep(0.05)
        message = "the service does not listen"
        raise AssertionError(message)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def __enter__(self):
        return self.start().wait()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()

    def send(self, body, token=None, *, content_type=BATCH):
        """(status, headers, document) of one request; an ``OSError`` or ``HTTPException`` when it is cut off."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            headers = {"content-type": content_type}
            if token is not None:
                headers["authorization"] = f"Bearer {token}"
            connection.request("POST", "/v1/usage", body, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), json.loads(answer.read())
        finally:
            connection.close()
