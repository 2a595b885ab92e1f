"""The statement commands on a real store, from draft to verified file."""

from __future__ import annotations

import json
import os
import pwd
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import time_machine
from click.testing import CliRunner

from builders.actors import ADA
from partnergate.cli.main import cli
from partnergate.cli.statement.access import Where, load_files
from partnergate.errors import PartnergateError, SecretError, StatementError
from partnergate.store.audit.log import StoredAudit
from partnergate.store.database.opening import open_store
from partnergate.store.statements.finalized import StoredStatements
from worlds.statement_store import StoreFiller, task

ROOT = Path(__file__).parents[3]
BASE = datetime(2026, 10, 2, 9, 0, 7, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""When the commands run: October can be finalized, and November is not over."""


@pytest.fixture
def run(tmp_path: Path):
    """Runs a command on a store with twenty logins and tasks of acme in October, read to November 5."""
    url = f"sqlite:///{tmp_path / 'store.db'}"
    workspace = load_files(Where(store=url, environment="production", root=ROOT))
    with open_store(url) as store:
        filler = StoreFiller(store=store, realm=workspace.realm, partners=workspace.partners)
        filler.keep(
            [
                filler.login(
                    f"l{n}", BASE + timedelta(hours=n), alias="acme", subject=f"p{n}", session=f"s{n}"
                )
                for n in range(20)
            ],
            read_until=datetime(2026, 11, 5, tzinfo=UTC),
        )
        used = [
            task(f"t{n}", BASE + timedelta(hours=n, minutes=1), Decimal(100), session=f"s{n}")
            for n in range(20)
        ]
        filler.use(used, received=datetime(2026, 11, 4, tzinfo=UTC))

    def invoke(*arguments: str, code: int = 0, stored: bool = True, root: Path = ROOT) -> str:
        where = ("--store", url, "-e", "production", "--root", str(root)) if stored else ()
        with time_machine.travel(
            NOW
        ):  # a command reads the machine's clock, and a period's end changes drafts
            result = CliRunner().invoke(cli, [*arguments, *where], standalone_mode=False)
        if isinstance(result.exception, PartnergateError):
            raise result.exception
        assert result.exception is None, result.exception
        assert int(result.return_value or 0) == code, result.output
        return result.output

    key = str(tmp_path / "key")
    invoke("statement", "keygen", key, stored=False)
    invoke.key = key  # type: ignore[attr-defined]
    invoke.directory = tmp_path  # type: ignore[attr-defined]
    invoke.url = url  # type: ignore[attr-defined]
    return invoke


def sealed(run, tmp_path: Path) -> Path:
    run("statement", "finalize", "acme", "--period", "2026-10", "--key", run.key)
    file = tmp_path / "acme.json"
    run("statement", "show", "acme-2026-10-01", "--format", "json", "--output", str(file))
    return file


def test_a_draft_becomes_a_file_that_a_partner_can_verify(run, tmp_path: Path) -> None:
    assert "acme-2026-10-01" in run("statement", "draft", "acme", "--period", "2026-10")
    file = sealed(run, tmp_path)
    assert "verified" in run("statement", "verify", str(file), "--public-key", f"{run.key}.pub", stored=False)
    file.write_text(file.read_text().replace("499.00", "498.00", 1))
    assert "NOT verified" in run(
        "statement", "verify", str(file), "--public-key", f"{run.key}.pub", code=1, stored=False
    )


def test_a_draft_prints_unattributed_usage_to_standard_error_only(run) -> None:
    """The counts are of the whole environment, and standard output is what an operator sends to a partner."""
    workspace = load_files(Where(store=run.url, environment="production", root=ROOT))
    with open_store(run.url) as store:
        filler = StoreFiller(store=store, realm=workspace.realm, partners=workspace.partners)
        lost = [task(f"lost{n}", BASE, Decimal(1), session="nowhere") for n in range(3)]
        filler.use(lost, received=datetime(2026, 11, 4, tzinfo=UTC))
    where = ("--store", run.url, "-e", "production", "--root", str(ROOT))
    for kind in ("text", "json", "html", "csv"):
        draft = ("statement", "draft", "acme", "--period", "2026-10", "--format", kind)
        result = CliRunner().invoke(cli, [*draft, *where], standalone_mode=False)
        assert "Unattributed usage of the whole environment" in result.stderr
        assert "unknown session" in result.stderr
        assert "nattributed" not in result.stdout
        assert "unknown session" not in result.stdout.replace("_", " ")


def test_rerating_a_finalized_statement_changes_nothing_and_finalizing_it_again_fails(
    run, tmp_path: Path
) -> None:
    sealed(run, tmp_path)
    assert "no difference in" in run("statement", "rerate", "acme")
    assert "is not finalized" in run(
        "statement", "finalize", "acme", "--period", "2026-10", "--key", run.key, code=8
    )


def test_a_void_statement_is_replaced_under_the_next_number(run, tmp_path: Path) -> None:
    sealed(run, tmp_path)
    assert "credit note acme-2026-10-01-credit" in run(
        "statement",
        "void",
        "acme-2026-10-01",
        "--name",
        "Billing",
        "--reason",
        "wrong terms",
        "--key",
        run.key,
    )
    assert "acme-2026-10-01-2 is finalized" in run("statement", "finalize", "acme", "--key", run.key)
    states = {
        r["number"]: r["state"] for r in json.loads(run("statement", "list", "acme", "--format", "json"))
    }
    assert states["acme-2026-10-01"] == "void"
    assert states["acme-2026-10-01-2"] == "finalized"
    with pytest.raises(StatementError, match="already void"):
        run("statement", "void", "acme-2026-10-01", "--name", "n", "--reason", "r", "--key", run.key)


def test_late_usage_after_the_end_of_an_agreement_is_reported_with_the_way_to_bill_it(run, tmp_path) -> None:
    """No draft shows the late usage, and the month's `finalize --all` has nothing to finalize."""
    root = tmp_path / "root"
    shutil.copytree(ROOT / "realm_templates", root / "realm_templates")
    (root / "partners").mkdir()
    terms = (ROOT / "partners" / "acme.yaml").read_text()
    (root / "partners" / "acme.yaml").write_text(
        terms.replace("  - effective: 2026-10-01\n", "  - effective: 2026-10-01\n    until: 2026-11-01\n")
    )
    run("statement", "finalize", "--all", "--key", run.key, root=root)
    assert run("statement", "finalize", "--all", "--key", run.key, root=root) == ""
    with pytest.raises(StatementError, match="every period is finalized and the agreement has ended"):
        run("statement", "draft", "acme", root=root)
    workspace = load_files(Where(store=run.url, environment="production", root=root))
    with open_store(run.url) as store:
        filler = StoreFiller(store=store, realm=workspace.realm, partners=workspace.partners)
        late = task("late", BASE + timedelta(minutes=5), Decimal(900_000), session="s0")
        filler.use([late], received=datetime(2026, 11, 6, tzinfo=UTC))
    advice = "void acme-2026-10-01 and finalize it again"
    assert advice in run("statement", "list", "acme", root=root)
    assert advice in run("statement", "finalize", "--all", "--key", run.key, root=root)
    assert advice in run("statement", "rerate", "acme", root=root, code=8)
    words = ("--name", "Billing", "--reason", "late usage", "--key", run.key)
    run("statement", "void", "acme-2026-10-01", *words, root=root)
    run("statement", "finalize", "--all", "--key", run.key, root=root)
    assert advice not in run("statement", "list", "acme", root=root)


def test_a_key_that_others_may_read_is_not_used(run) -> None:
    Path(run.key).chmod(0o644)
    with pytest.raises(SecretError):
        run("statement", "finalize", "acme", "--period", "2026-10", "--key", run.key)


def test_a_key_is_readable_by_its_owner_alone_and_never_overwritten(run) -> None:
    assert Path(run.key).stat().st_mode & 0o777 == 0o600
    with pytest.raises(PartnergateError, match="never overwritten"):
        run("statement", "keygen", run.key, stored=False)


def test_a_dispute_ends_as_a_credit_on_the_next_draft(run, tmp_path: Path) -> None:
    sealed(run, tmp_path)
    run("statement", "dispute", "open", "acme-2026-10-01", "3", "--name", "Acme", "--message", "too many")
    run(
        "statement",
        "dispute",
        "credit",
        "acme-2026-10-01-d1",
        "--name",
        "Billing",
        "--message",
        "agreed",
        "--amount",
        "1.20",
    )
    assert "credited" in run("statement", "dispute", "list", "acme")
    assert "-$1.20" in run("statement", "draft", "acme", "--period", "2026-11")


def test_the_text_of_a_dispute_cannot_move_the_cursor(run, tmp_path: Path) -> None:
    sealed(run, tmp_path)
    words = "too\nmany \x1b[2Jtasks"
    run("statement", "dispute", "open", "acme-2026-10-01", "3", "--name", "A\x1b[1mcme", "--message", words)
    assert r"by A[1mcme (command line): too many [2Jtasks" in run("statement", "dispute", "list", "acme")


def test_voiding_a_statement_reports_the_credit_that_it_voids(run, tmp_path: Path) -> None:
    """No later statement would contain the credit that the partner was promised."""
    sealed(run, tmp_path)
    of = ("--name", "Billing", "--message", "agreed")
    run("statement", "dispute", "open", "acme-2026-10-01", "3", *of)
    run("statement", "dispute", "credit", "acme-2026-10-01-d1", *of, "--amount", "1.20")
    shown = run("statement", "void", "acme-2026-10-01", "--name", "n", "--reason", "r", "--key", run.key)
    assert "this also voids the credit of 1.20 USD from dispute acme-2026-10-01-d1" in shown
    note = run("statement", "show", "acme-2026-10-01-credit")
    assert "finalized; reverses statement acme-2026-10-01" in note


def test_trace_and_reconcile_run_on_the_same_facts(run, tmp_path: Path) -> None:
    assert "login l0" in run("trace", "acme-2026-10-01:Tasks", "--limit", "1")
    assert "billed: acme-2026-10-01 line 3" in run("trace", "t4")
    with pytest.raises(
        StatementError, match="no line, event or session of this environment is no-such-thing"
    ):
        run("trace", "no-such-thing")
    rows = [
        "id,time,user,quantity",
        *(f"t{n},{BASE + timedelta(hours=n, minutes=1):%Y-%m-%dT%H:%M:%SZ},p{n},100" for n in range(18)),
    ]
    rows += ["t3,2026-10-02T12:01:07Z,p3,100", "x9,2026-10-09T12:00:00Z,p3,7"]
    file = tmp_path / "partner.csv"
    file.write_text("\n".join(rows))
    out = tmp_path / "result.json"
    run(
        "reconcile",
        "acme",
        str(file),
        "--period",
        "2026-10",
        "--line",
        "Tasks",
        "--format",
        "json",
        "--output",
        str(out),
    )
    found = {c["cause"]: c["count"] for c in json.loads(out.read_text())["causes"]}
    assert found == {"agreed": 18, "duplicate": 1, "missing_at_host": 1, "missing_at_partner": 2}


def test_other_terms_are_compared_and_nothing_is_stored(run, tmp_path: Path) -> None:
    sealed(run, tmp_path)
    first = json.loads(run("statement", "diff", "acme", "--format", "json"))[0]
    assert (first["statement"], first["final"], first["before"]) == ("acme-2026-10-01", True, first["after"])
    assert "| acme-2026-10-01 | finalized |" in run("statement", "diff", "acme", "--format", "markdown")


@pytest.fixture
def other_terms(run, tmp_path: Path):
    """``statement diff`` with files whose newest version of acme says something else."""
    for folder in ("partners", "realm_templates"):
        shutil.copytree(ROOT / folder, tmp_path / "files" / folder)
    file = tmp_path / "files" / "partners" / "acme.yaml"

    def diff(currency: str, *more: str) -> str:
        file.write_text(
            (ROOT / "partners" / "acme.yaml").read_text()
            + f"""  - effective: 2026-12-01
    currency: {currency}
    time_zone: America/New_York
    cycle: {{every: month, anchor_day: 1}}
    charges: [{{name: Platform, price: {{model: flat, amount: "599"}}}}]
"""
        )
        where = (
            "--store",
            f"sqlite:///{tmp_path / 'store.db'}",
            "-e",
            "production",
            "--root",
            str(tmp_path / "files"),
        )
        return run("statement", "diff", "acme", *more, *where, stored=False)

    return diff


def test_terms_in_another_currency_are_named_and_no_amount_is_compared(run, other_terms, tmp_path) -> None:
    sealed(run, tmp_path)
    reason = "not compared: the statement is in USD, the newest terms are in JPY"
    assert f"acme-2026-10-01 (finalized, keeps its terms): {reason}" in other_terms("JPY")
    assert f"| acme-2026-10-01 | finalized | {reason} | 750.00 | | |" in other_terms(
        "JPY", "--format", "markdown"
    )
    first = json.loads(other_terms("JPY", "--format", "json"))[0]
    assert (first["currency"], first["new_currency"], first["lines"]) == ("USD", "JPY", [])
    assert (first["before"], first["after"], first["share_after"]) == ("750.00", None, None)


def test_a_changed_price_is_compared_line_by_line(run, other_terms, tmp_path) -> None:
    sealed(run, tmp_path)
    shown = other_terms("USD")
    assert "acme-2026-10-01 (finalized, keeps its terms): 750.00 -> 599.00 USD (-151.00)" in shown
    assert "Platform: 499.00 -> 599.00 (+100.00)" in shown
    assert "Active users: 0.00 -> none (+0.00)" in shown


def test_a_price_changed_in_its_place_is_compared_with_the_recorded_one(run, tmp_path: Path) -> None:
    """No statement is finalized yet, so the file alone would be compared with itself: +0.00 on every line."""
    root = tmp_path / "files"
    for folder in ("partners", "realm_templates"):
        shutil.copytree(ROOT / folder, root / folder)
    file = root / "partners" / "acme.yaml"
    file.write_text(file.read_text().replace('"499.00"', '"799.00"'))
    found = json.loads(run("statement", "diff", "acme", "--last", "1", "--format", "json", root=root))
    assert [(x["statement"], x["final"], x["before"], x["after"]) for x in found] == [
        ("acme-2026-10-01", False, "750.00", "801.40")
    ]
    assert "acme-2026-11-01 (draft)" in run("statement", "diff", "acme", "--last", "2", root=root)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            ('"499.00"', '"599.00"'),
            "the version of 2026-10-01 differs from the terms of acme-2026-10-01",
        ),
        (
            ("2026-12-01", "2026-10-15"),
            "the version of 2026-10-15 takes effect inside the finalized period of acme-2026-10-01",
        ),
    ],
)
def test_a_file_that_changes_a_finalized_period_blocks_finalizing(
    run, other_terms, tmp_path: Path, change: tuple[str, str], words: str
) -> None:
    sealed(run, tmp_path)
    other_terms("USD")
    file = tmp_path / "files" / "partners" / "acme.yaml"
    file.write_text(file.read_text().replace(*change, 1))
    where = ("--store", f"sqlite:///{tmp_path / 'store.db'}", "-e", "production", "--root")
    files = (*where, str(tmp_path / "files"))
    reported = run("statement", "finalize", "acme", "--key", run.key, *files, code=8, stored=False)
    assert "partners/acme.yaml:" in reported
    assert words in reported
    shown = run("statement", "diff", "acme", "--format", "markdown", *files, stored=False)
    assert "**The files change a finalized period**" in shown
    assert run("statement", "list", "acme", "--format", "json").count('"finalized"') == 1


def test_a_threshold_is_recorded_once(run, tmp_path: Path) -> None:
    file = tmp_path / "alerts.yaml"
    file.write_text('acme: {thresholds: [{measure: amount, at: "1"}]}\n')
    assert "1 newly passed" in run("statement", "alerts", str(file), "--no-send")
    assert "0 newly passed" in run("statement", "alerts", str(file), "--no-send")


def test_a_statement_is_verified_with_the_key_set_until_its_key_is_revoked(run, tmp_path: Path) -> None:
    file, keys = str(sealed(run, tmp_path)), f"{run.key}.jwks.json"
    assert "verified" in run("statement", "verify", file, "--keys", keys, stored=False)
    key_id = json.loads(Path(keys).read_text())["keys"][0]["kid"]
    run("statement", "revoke", key_id, "--keys", keys, "--reason", "compromised", stored=False)
    output = run("statement", "verify", file, "--keys", keys, code=1, stored=False)
    assert f"FAIL key        key {key_id} was revoked on" in output
    with pytest.raises(PartnergateError, match="pass --keys FILE or --public-key FILE"):
        run("statement", "verify", file, stored=False)


def test_finalizing_voiding_and_disputing_are_recorded_with_the_account(run, tmp_path: Path) -> None:
    """The typed names are texts of the documents, and never the actor."""
    sealed(run, tmp_path)
    number, named = "acme-2026-10-01", ("--name", "Typed Name", "--message", "we count less")
    run("statement", "dispute", "open", number, "1", *named)
    run("statement", "dispute", "answer", f"{number}-d1", *named)
    run("statement", "dispute", "credit", f"{number}-d1", *named, "--amount", "0.01")
    run("statement", "void", number, "--name", "Typed Name", "--reason", "wrong", "--key", run.key)
    with open_store(run.url) as store:
        found = StoredAudit(store).latest(limit=20)
    assert [(e.deed.value, e.target) for e in reversed(found)] == [
        ("finalized", number),
        ("disputed", f"{number}-d1"),
        ("answered", f"{number}-d1"),
        ("credited", f"{number}-d1"),
        ("voided", number),
    ]
    assert {e.actor.name for e in found} == {pwd.getpwuid(os.geteuid()).pw_name}
    assert {e.environment for e in found} == {"production"}


def test_a_document_that_is_not_stored_is_not_recorded(run, tmp_path: Path) -> None:
    sealed(run, tmp_path)
    with open_store(run.url) as store:
        kept = StoredStatements(store, "production")
        (document,) = kept.chain("acme")
        with pytest.raises(StatementError, match="finalized meanwhile"):
            kept.append(document, by=ADA)
        assert [e.deed.value for e in StoredAudit(store).latest(limit=20)] == ["finalized"]


def test_a_key_that_is_revoked_or_not_published_seals_nothing(run, tmp_path: Path) -> None:
    keys = Path(f"{run.key}.jwks.json")
    before = keys.read_text()
    key_id = json.loads(before)["keys"][0]["kid"]
    run("statement", "revoke", key_id, "--keys", str(keys), "--reason", "compromised", stored=False)
    arguments = ("statement", "finalize", "acme", "--period", "2026-10", "--key", run.key)
    with pytest.raises(SecretError, match=r"must not seal: key .* was revoked") as caught:
        run(*arguments)
    assert "keygen --replace" in caught.value.advice
    run("statement", "keygen", str(tmp_path / "other"), stored=False)
    keys.write_text((tmp_path / "other.jwks.json").read_text())
    with pytest.raises(SecretError, match="is not in the key set beside it"):
        run(*arguments)
    keys.unlink()
    assert "is finalized" in run(*arguments)
