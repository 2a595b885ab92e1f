"""Documents are fetched without redirects, up to a size limit, and over plain HTTP only from this machine."""

from __future__ import annotations

import http.server
import json
import threading
from pathlib import Path

import pytest

from partnergate.cli.main import main


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as done:
        main([str(argument) for argument in arguments])
    return int(done.value.code)


METADATA = (
    Path(__file__).parents[2] / "fixtures/diagnostics/workspace/partners/globex.idp-metadata.xml"
).read_bytes()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/moved.json":
            self.send_response(302)
            self.send_header("Location", "/.well-known/openid-configuration")
            self.end_headers()
        elif self.path.startswith("/saml2/idp/metadata.php"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(METADATA)
        elif self.path.endswith("/large.json"):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b" " * 600_000)
        else:
            self.send_response(200)
            self.end_headers()
            base = f"http://localhost:{self.server.server_address[1]}"
            self.wfile.write(json.dumps({"issuer": base, "token_endpoint": f"{base}/token"}).encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def idp():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_document_is_fetched_from_the_issuer(tmp_path, idp, capsys):
    arguments = ("partner", "add", "acme", "--from", idp, "--root", tmp_path)
    assert run(*arguments) == 1, "plain http is refused unless asked for"
    assert "--allow-loopback-http" in capsys.readouterr().err
    assert run(*arguments, "--allow-loopback-http") == 0
    assert (tmp_path / "partners/acme.openid-configuration.json").exists()


def test_a_server_that_ignores_the_rest_of_the_path_gets_the_url_that_was_passed(tmp_path, idp):
    """A PHP script responds to metadata.php/.well-known/... with its metadata as well."""
    source = f"{idp}/saml2/idp/metadata.php"
    arguments = ("partner", "add", "acme", "--from", source, "--root", tmp_path, "--allow-loopback-http")
    assert run(*arguments) == 0
    text = (tmp_path / "partners/acme.yaml").read_text()
    assert f"{source}." in text
    assert ".well-known" not in text


@pytest.mark.parametrize(("path", "words"), [("/moved.json", "redirect"), ("/large.json", "larger")])
def test_redirects_and_large_documents_are_rejected(tmp_path, idp, capsys, path, words):
    source = f"{idp}{path}"
    code = run("partner", "add", "acme", "--from", source, "--root", tmp_path, "--allow-loopback-http")
    assert code == 1
    assert words in capsys.readouterr().err
