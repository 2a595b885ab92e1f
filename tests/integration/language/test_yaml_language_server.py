"""The modeline works in an editor: the real language server completes a key and reports a typo.

The server is installed from npm into a cache directory once. Without npm, the test is skipped except in CI.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import platformdirs
import pytest

VERSION = "2.0.0"
REPOSITORY = Path(__file__).parents[3]
SECONDS = 60


def _unavailable(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def server_command() -> list[str]:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        _unavailable("npm or node is not installed, so the language server cannot be run")
    place = Path(platformdirs.user_cache_dir("partnergate-tests")) / f"yaml-language-server-{VERSION}"
    program = place / "node_modules/yaml-language-server/bin/yaml-language-server"
    if not program.exists():
        place.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [
                npm,
                "install",
                "--prefix",
                str(place),
                "--no-audit",
                "--no-fund",
                f"yaml-language-server@{VERSION}",
            ],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if done.returncode or not program.exists():
            _unavailable(f"npm cannot install the language server: {done.stderr[-400:]}")
    return [str(node), str(program), "--stdio"]


class Editor:
    """A minimal editor that talks to one language server over its standard streams."""

    def __init__(self, command: list[str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._messages: Queue[dict[str, Any]] = Queue()
        self._diagnostics: Queue[dict[str, Any]] = Queue()
        self._number = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        out = self._process.stdout
        assert out is not None
        while header := out.readline():
            if not header.lower().startswith(b"content-length:"):
                continue
            length = int(header.split(b":")[1])
            while out.readline().strip():
                pass
            message = json.loads(out.read(length))
            if "method" in message and "id" in message:
                self._answer(message)
            elif message.get("method") == "textDocument/publishDiagnostics":
                self._diagnostics.put(message["params"])
            elif "id" in message:
                self._messages.put(message)

    def _answer(self, request: dict[str, Any]) -> None:
        """Answer requests for settings: only the schema store is disabled."""
        result: Any = None
        if request["method"] == "workspace/configuration":
            yaml = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False}}
            result = [yaml if item.get("section") == "yaml" else None for item in request["params"]["items"]]
        self._send({"id": request["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def notify(self, method: str, params: dict[str, Any]) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            message = self._messages.get(timeout=SECONDS)
            if message["id"] == self._number:
                return message.get("result")

    def diagnostics(self, uri: str) -> list[str]:
        """Return the first non-empty report of a document; empty if none arrives."""
        try:
            while True:
                params = self._diagnostics.get(timeout=SECONDS)
                if params["uri"] == uri and params["diagnostics"]:
                    return [d["message"] for d in params["diagnostics"]]
        except Empty:
            return []

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                stream.close()


@pytest.fixture
def editor(server_command, tmp_path):
    shutil.copytree(REPOSITORY / "schema", tmp_path / "schema")
    (tmp_path / "partners").mkdir()
    one = Editor(server_command)
    folder = {"uri": tmp_path.as_uri(), "name": "workspace"}
    capabilities = {
        "workspace": {"configuration": True, "workspaceFolders": True},
        "textDocument": {
            "completion": {"completionItem": {"snippetSupport": False}},
            "publishDiagnostics": {},
        },
    }
    one.ask(
        "initialize",
        {
            "processId": os.getpid(),
            "rootUri": tmp_path.as_uri(),
            "capabilities": capabilities,
            "workspaceFolders": [folder],
        },
    )
    one.notify("initialized", {})
    yield one
    one.close()


def _opened(editor: Editor, tmp_path: Path, text: str) -> str:
    file = tmp_path / "partners/acme.yaml"
    file.write_text(text)
    uri = file.as_uri()
    document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
    editor.notify("textDocument/didOpen", {"textDocument": document})
    return uri


def test_the_editor_completes_the_keys_of_the_chosen_protocol(editor, tmp_path):
    shipped = (REPOSITORY / "partners/acme.yaml").read_text()
    text = shipped.replace("  client_id: host-app\n", "  client_id: host-app\n  \n", 1)
    uri = _opened(editor, tmp_path, text)
    line = text[: text.index("  client_id: host-app\n  \n")].count("\n") + 1
    found = editor.ask(
        "textDocument/completion", {"textDocument": {"uri": uri}, "position": {"line": line, "character": 2}}
    )
    items = found["items"] if isinstance(found, dict) else found
    labels = {item["label"] for item in items}
    assert {"client_authentication", "userinfo_url", "pkce"} <= labels
    assert "entity_id" not in labels
    described = next(item for item in items if item["label"] == "pkce")
    assert "stolen code" in json.dumps(described.get("documentation", ""))


def test_the_editor_reports_a_typo(editor, tmp_path):
    shipped = (REPOSITORY / "partners/acme.yaml").read_text()
    uri = _opened(editor, tmp_path, shipped.replace("client_id:", "clientid:", 1))
    messages = editor.diagnostics(uri)
    assert any("clientid" in message for message in messages), messages
