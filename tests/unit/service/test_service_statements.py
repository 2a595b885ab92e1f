"""The statement pages: problem documents and pages, disputes, reconciliation."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from fakes.named_tokens import NamedTokens
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store.database.opening import open_store
from partnergate.store.statements.facts import StoredFacts
from worlds.statement_store import StoreFiller, task
from worlds.statement_world import ACME, BASE, NOW, REALM, final_october

OCTOBER = "/partners/acme/statements/acme-2026-10-01"


def by(name: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"} | {k.replace("_", "-"): v for k, v in more.items()}


@pytest.fixture
def store(tmp_path):
    """A store with acme's finalized October statement: twelve logins of four users, one task each."""
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        final_october(opened)
        yield opened


@pytest.fixture
def client(store):
    from partnergate.store.usage.ledger import StoredUsage

    usage = StoredUsage(store)
    deps = ServiceDeps(
        realm="host",
        environment="production",
        store=store,
        usage=usage,
        queue=IngestQueue(ledger=usage, realm="host", clock=lambda: NOW),
        authorizer=Authorizer(verifier=NamedTokens()),
        clock=lambda: NOW,
    )
    with TestClient(create_app(deps), raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def dispute(client, who: str = "acme", **fields: str):
    form = {"line": "3", "name": "Acme accounts", "words": "we count less"} | fields
    return client.post(OCTOBER + "/disputes", data=form, headers=by(who))


def test_a_conflicting_dispute_returns_a_problem_document(client) -> None:
    assert dispute(client).status_code == 303
    answer = dispute(client)
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "detail": "the line already has an open dispute",
        "target": "acme-2026-10-01 line 3",
        "advice": "add to that dispute",
    }


def test_a_browser_gets_a_problem_as_a_page(client) -> None:
    dispute(client)
    sent = {"line": "3", "name": "Acme <b>accounts</b>", "words": "again"}
    answer = client.post(OCTOBER + "/disputes", data=sent, headers=by("acme", accept="text/html,*/*;q=0.8"))
    assert answer.status_code == 409
    assert answer.headers["content-type"].startswith("text/html")
    assert "the line already has an open dispute: acme-2026-10-01 line 3" in answer.text
    missing = client.get("/partners/acme/statements/none", headers=by("acme", accept="text/html"))
    assert (missing.status_code, "the resource does not exist" in missing.text) == (404, True)
    refused = client.get("/", headers={"accept": "text/html"})
    assert (refused.status_code, refused.headers["www-authenticate"][:6]) == (401, "Bearer")


def test_an_agreement_that_cannot_be_rated_returns_a_problem_document(client, store) -> None:
    """The recorded terms would fail validation; the page must report it and not crash."""
    terms = replace(ACME.agreements[0], currency="XXQ")
    later = replace(ACME, agreements=(replace(terms, effective=terms.effective),))
    StoreFiller(store=store, realm=REALM, partners=(ACME,)).ingest.record_registry(
        REALM, (later,), 1_790_000_000_000
    )
    answer = client.get("/partners/acme/statements", headers=by("operator"))
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "XXQ" in answer.json()["detail"]


def test_a_tampered_finalized_statement_is_a_problem(client, store) -> None:
    """The content was changed without the triggers, so the hash does not match."""
    with store.write(lock="test") as connection:
        connection.execute(sa.text("DROP TRIGGER statement_documents_no_update"))
        connection.execute(sa.text("UPDATE statement_documents SET content = replace(content, '499', '498')"))
    answer = client.get(OCTOBER, headers=by("acme"))
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["detail"] == "a finalized statement in the store differs from its seal"


def test_only_operators_see_the_unattributed_usage_of_the_environment(client, store) -> None:
    filler = StoreFiller(store=store, realm=REALM, partners=(ACME,))
    filler.use([task("lost", BASE, Decimal(1), session="nowhere")], received=BASE + timedelta(days=33))
    StoredFacts(store, "host").attribute_pending()
    page = client.get(OCTOBER, headers=by("operator")).text
    assert "Unattributed usage of the environment" in page
    assert "unknown session" in page
    assert "nattributed" not in client.get(OCTOBER, headers=by("acme")).text
    for kind in ("pdf", "csv", "json"):
        assert b"nattributed" not in client.get(f"{OCTOBER}.{kind}", headers=by("operator")).content


def test_a_partner_disputes_a_line_and_the_operator_closes_it_with_a_credit(client) -> None:
    assert dispute(client).headers["location"] == OCTOBER + "#disputes"
    page = client.get(OCTOBER, headers=by("acme")).text
    assert "we count less" in page
    assert "/disputes/acme-2026-10-01-d1/credit" not in page
    assert "/disputes/acme-2026-10-01-d1/credit" in client.get(OCTOBER, headers=by("operator")).text
    above = OCTOBER + "/disputes/acme-2026-10-01-d1/"
    form = {"name": "Operator", "words": "we agree", "amount": "2.40"}
    assert client.post(above + "credit", data=form, headers=by("acme")).status_code == 404
    assert client.post(above + "answer", data=form | {"amount": ""}, headers=by("operator")).is_redirect
    too_much = client.post(above + "credit", data=form | {"amount": "9999"}, headers=by("operator"))
    assert too_much.status_code == 409
    assert client.post(above + "credit", data=form, headers=by("operator")).is_redirect
    assert client.post(above + "reject", data=form, headers=by("operator")).status_code == 409
    assert "credited" in client.get(OCTOBER, headers=by("acme")).text
    upcoming = client.get("/partners/acme/statements/acme-2026-11-01.csv", headers=by("acme"))
    if upcoming.status_code == 200:  # November has started
        assert "-2.40" in upcoming.text


def test_the_author_of_an_entry_comes_from_the_token_and_not_from_the_form(client) -> None:
    dispute(client, name="Host Accounting")
    above = OCTOBER + "/disputes/acme-2026-10-01-d1/"
    client.post(above + "answer", data={"name": "Acme", "words": "see line 3"}, headers=by("operator"))
    page = client.get(OCTOBER, headers=by("acme")).text
    assert "by acme (user u-acme)," in page
    assert "by operator anna," in page
    assert "Host Accounting" not in page


def test_hidden_characters_of_a_dispute_do_not_reach_the_page(client, store) -> None:
    """Also when they were stored before texts were cleaned."""
    hostile = "\x1b[31mpaid\u202e \u200bnothing"
    dispute(client, words=hostile)
    page = client.get(OCTOBER, headers=by("operator")).text
    assert "[31mpaid nothing" in page
    with store.write(lock="test") as connection:
        connection.execute(sa.text("DROP TRIGGER IF EXISTS statement_disputes_no_update"))
        connection.execute(sa.text("UPDATE statement_disputes SET words = :words"), {"words": hostile})
    page = client.get(OCTOBER, headers=by("operator")).text
    assert "[U+001B][31mpaid[U+202E] [U+200B]nothing" in page


def test_a_form_that_is_too_large_is_refused_while_it_is_read(client) -> None:
    sent = []

    def body():
        for _ in range(1000):
            sent.append(1)
            yield b"words=" + b"x" * 16_000

    form = by("acme", content_type="application/x-www-form-urlencoded")
    answer = client.post(OCTOBER + "/disputes", content=body(), headers=form)
    assert answer.status_code == 413
    assert dispute(client, words="x" * 70_000).status_code == 413
    assert "No lines of this statement are disputed" in client.get(OCTOBER, headers=by("acme")).text


def test_another_partner_cannot_see_or_open_a_dispute(client) -> None:
    assert dispute(client, "globex").status_code == 404
    assert "No lines of this statement are disputed" in client.get(OCTOBER, headers=by("operator")).text


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}]
)  # fmt: skip
def test_a_cross_site_form_is_refused(client, headers) -> None:
    sent = {"line": "3", "name": "x", "words": "y"}
    answer = client.post(OCTOBER + "/disputes", data=sent, headers=by("acme") | headers)
    assert answer.status_code == 403
    assert "No lines of this statement are disputed" in client.get(OCTOBER, headers=by("acme")).text


@pytest.mark.parametrize(
    "fields",
    [{"line": "99"}, {"line": "x"}, {"words": ""}, {"words": "\u200b\u202e"}, {"words": "x" * 4001},
     {"words": "x\n" * 101}, {"amount": "NaN"}, {"amount": "1E+999999999"}, {"amount": "-1"}],
)  # fmt: skip
def test_an_invalid_form_changes_nothing(client, fields) -> None:
    assert dispute(client, **fields).status_code in {400, 409}
    assert "No lines of this statement are disputed" in client.get(OCTOBER, headers=by("acme")).text


def partner_csv() -> str:
    """The twelve tasks, one of them duplicated, and one that is missing at the host."""
    rows = [f"t{n},{BASE + timedelta(hours=5 * n):%Y-%m-%dT%H:%M:%SZ},{200 + n}" for n in range(12)]
    rows += [rows[3], "ghost,2026-10-09T10:00:00Z,77"]
    return "\n".join(["event id,when,units", *rows, ""])


def test_the_operator_reconciles_a_partners_file(client) -> None:
    path = OCTOBER + "/reconciliation"
    assert "<textarea" in client.get(path, headers=by("operator")).text
    page = client.post(path, data={"records": partner_csv(), "line": "Tasks"}, headers=by("operator"))
    assert page.status_code == 200
    for text in ("duplicate", "missing at host", "ghost", "&#34;time&#34;: &#34;when&#34;"):
        assert text in page.text
    found = client.post(
        path + "?line=Tasks&format=json",
        content=partner_csv().encode(),
        headers=by("operator", content_type="text/csv"),
    ).json()
    assert {c["cause"]: c["count"] for c in found["causes"]} == {
        "agreed": 12, "duplicate": 1, "missing_at_host": 1,
    }  # fmt: skip


def test_a_partner_cannot_reconcile_and_an_invalid_file_is_a_problem(client) -> None:
    path = OCTOBER + "/reconciliation"
    assert client.get(path, headers=by("acme")).status_code == 404
    assert client.post(path, data={"records": "a"}, headers=by("acme")).status_code == 404
    for sent in ({"records": ""}, {"records": partner_csv(), "line": "Nothing"}, {"records": "a,a\n1,2\n"}):
        answer = client.post(path, data=sent, headers=by("operator"))
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    bad_mapping = {"records": partner_csv(), "line": "Tasks", "mapping": "{"}
    assert client.post(path, data=bad_mapping, headers=by("operator")).status_code == 400


def test_an_oversized_body_is_refused(client) -> None:
    answer = client.post(
        OCTOBER + "/reconciliation", content=b"x" * (33 * 1024 * 1024),
        headers=by("operator", content_type="text/csv"),
    )  # fmt: skip
    assert answer.status_code == 413
