"""An alerts file with errors is refused, with the position of each problem."""

from __future__ import annotations

from decimal import Decimal

import pytest

from builders.partners import billed_partner
from builders.realms import realm_spec
from partnergate.cli.statement.alerts_file import read_alerts
from partnergate.errors import InvalidInputError
from partnergate.model.workspace import Workspace

GOOD = """\
acme:
  webhook: {url: https://ops.acme.example/hook, secret: {file: secret}}
  thresholds:
    - {measure: usage, line: Tasks, at: "1000"}
    - {measure: amount, at: "5000.50"}
    - {measure: minimum_share, at: 80}
"""


@pytest.fixture
def read(tmp_path):
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "secret").write_text("whsec_x\n")
    (tmp_path / "outside").write_text("whsec_outside\n")
    (root / "linked").symlink_to(tmp_path / "outside")

    def reading(text: str, *, loopback: bool = False):
        file = tmp_path / "alerts.yaml"
        file.write_text(text)
        workspace = Workspace(realm=realm_spec(loopback=loopback), partners=(billed_partner(),))
        return read_alerts(file, root, workspace)

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
        ("{file: secret}", "{file: elsewhere}", 2, "it is not a file of the workspace, or it is empty"),
        ("{file: secret}", "{file: /etc/hostname}", 2, "it is not a file of the workspace"),
        ("{file: secret}", "{file: ../outside}", 2, "it is not a file of the workspace"),
        ("{file: secret}", "{file: linked}", 2, "it is not a file of the workspace"),
        ("{file: secret}", "{env: GLOBEX_WEBHOOK_SECRET}", 2, "is not the variable for the webhook of acme"),
        ("{file: secret}", "{env: PARTNERGATE_LAUNCH_KEY}", 2, "is not the variable for the webhook of acme"),
        ("{file: secret}", "{env: ACME_WEBHOOK_SECRET}", 2, "the variable is not set"),
        ("{file: secret}", "plain", 2, "expected a mapping with env, file"),
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
