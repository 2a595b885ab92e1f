"""An alerts file with errors is refused, with the position of each problem."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from builders.partners import billed_partner
from builders.realms import realm_spec
from partnergate.cli.statement.alerts_file import read_alerts
from partnergate.errors import InvalidInputError
from partnergate.keycloak.secrets import SecretResolver
from partnergate.model.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

FILE = "{file: acme_webhook_secret}"
GOOD = """\
acme:
  webhook: {url: https://ops.acme.example/hook, secret: {file: acme_webhook_secret}}
  thresholds:
    - {measure: usage, line: Tasks, at: "1000"}
    - {measure: amount, at: "5000.50"}
    - {measure: minimum_share, at: 80}
"""


@pytest.fixture
def read(tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "acme_webhook_secret").write_text("whsec_x\n")

    def reading(text: str, *, loopback: bool = False, directory: Path | None = root):
        file = tmp_path / "alerts.yaml"
        file.write_text(text)
        workspace = Workspace(realm=realm_spec(loopback=loopback), partners=(billed_partner(),))
        return read_alerts(file, workspace, secrets=SecretResolver(environ={}, directory=directory))

    return reading


def test_thresholds_and_receivers_are_read(read) -> None:
    thresholds, receivers = read(GOOD)
    assert [(t.measure.value, t.line, t.at) for t in thresholds] == [
        ("usage", "Tasks", Decimal(1000)),
        ("amount", "", Decimal("5000.50")),
        ("minimum_share", "", Decimal(80)),
    ]
    assert (receivers["acme"].url, receivers["acme"].secret) == ("https://ops.acme.example/hook", "whsec_x")


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("acme:", "acm:", 1, "unknown partner acm"),
        ("webhook:", "webhok:", 2, 'unknown key "webhok"'),
        ("url: https://ops.acme.example/hook, ", "", 2, '"url" is missing'),
        ("https://ops.acme.example/hook", "ops.acme.example", 2, "it has no scheme or no host"),
        (FILE, "{file: globex_webhook_secret}", 2, "is not the name of the webhook secret of acme"),
        (FILE, "{file: /etc/hostname}", 2, "is not the name of the webhook secret of acme"),
        (FILE, "{file: ../acme_webhook_secret}", 2, "is not the name of the webhook secret of acme"),
        (FILE, "{env: GLOBEX_WEBHOOK_SECRET}", 2, "is not the name of the webhook secret of acme"),
        (FILE, "{env: PARTNERGATE_LAUNCH_KEY}", 2, "is not the name of the webhook secret of acme"),
        (FILE, "{env: ACME_WEBHOOK_SECRET}", 2, "the environment variable ACME_WEBHOOK_SECRET has no secret"),
        (FILE, "plain", 2, "expected a mapping with env, file"),
        ("measure: usage", "measure: usge", 4, '"usge" is not one of'),
        ("line: Tasks", "line: Nothing", 4, 'acme has no metered charge "Nothing"'),
        ("line: Tasks", "line: Platform", 4, 'acme has no metered charge "Platform"'),
        ("line: Tasks, ", "", 4, '"line" is missing'),
        ("measure: amount,", "measure: amount, line: Tasks,", 5, "amount applies to the whole statement"),
        ('"5000.50"', '"many"', 5, '"many" is not a number'),
        ("at: 80", "at: -80", 6, '"-80" is not a number'),
    ],
)
def test_each_problem_has_its_position(read, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(GOOD.replace(old, new))
    found = [d for d in refused.value.found if words in d.message]
    assert [d.span.line for d in found] == [line]


def test_a_linked_secret_file_is_not_read(read, tmp_path) -> None:
    directory = tmp_path / "secrets"
    directory.mkdir()
    (directory / "acme_webhook_secret").symlink_to(tmp_path / "workspace" / "acme_webhook_secret")
    with pytest.raises(InvalidInputError) as refused:
        read(GOOD, directory=directory)
    assert "is a link" in refused.value.found[0].message


def test_no_file_is_read_without_a_secrets_directory(read) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(GOOD, directory=None)
    assert "no secrets directory is configured" in refused.value.found[0].message


@pytest.mark.parametrize("text", ["", "[]", "acme: [", "acme: 3", "acme: {thresholds: 3}"])
def test_invalid_content_is_refused_without_a_crash(read, text: str) -> None:
    with pytest.raises(InvalidInputError):
        read(text)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://ops.acme.example/hook", "PG118"),
        ("https://10.0.0.5/hook", "PG119"),
        ("https://hooks.internal/x", "PG120"),
        ("https://10.0.0.5.nip.io/x", "PG120"),
        ("https://ops.acme.example:8443/hook", "PG121"),
        ("https://acme:x@ops.acme.example/hook", "PG122"),
        ("http://localhost:9000/hook", "PG118"),
    ],
)
def test_a_webhook_url_follows_the_rules_of_partner_urls(read, url: str, code: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        read(GOOD.replace("https://ops.acme.example/hook", url))
    assert code in {d.code for d in refused.value.found}


def test_a_webhook_on_loopback_is_accepted_where_the_environment_allows_it(read) -> None:
    url = "http://localhost:9000/hook"
    _, receivers = read(GOOD.replace("https://ops.acme.example/hook", url), loopback=True)
    assert receivers["acme"].url == url
