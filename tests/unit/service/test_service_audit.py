"""The audit log in the service: the page for operators, sign-ins, and disputes."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from builders.actors import ADA
from fakes.named_tokens import NamedTokens
from partnergate.audit.entry import AuditEvent, Deed, details_of
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.api.tokens import Principal
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store.audit.log import StoredAudit
from partnergate.store.database.opening import open_store
from partnergate.store.usage.ledger import StoredUsage
from worlds.statement_world import NOW, final_october

TOKENS = {
    name: Principal(
        client_id="portal",
        roles=frozenset({role}),
        partner=partner,
        subject=f"id-of-{user}",
        username=user,
        session=session,
    )
    for name, role, partner, user, session in (
        ("operator", "partnergate-operator", None, "ada", "s1"),
        ("again", "partnergate-operator", None, "ada", "s1"),
        ("later", "partnergate-operator", None, "ada", "s2"),
        ("acme", "partner-billing", "acme", "eve", "s3"),
        ("job", "partnergate-operator", None, "", ""),
    )
}


@pytest.fixture
def store(tmp_path):
    with open_store(f"sqlite:///{tmp_path}/store.db") as opened:
        final_october(opened)
        yield opened


@pytest.fixture
def client(store):
    usage = StoredUsage(store)
    deps = ServiceDeps(
        realm="host",
        environment="production",
        store=store,
        usage=usage,
        queue=IngestQueue(ledger=usage, realm="host", clock=lambda: NOW),
        authorizer=Authorizer(verifier=NamedTokens(TOKENS)),
        clock=lambda: NOW,
    )
    with TestClient(create_app(deps), raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def by(name: str, accept: str = "text/html") -> dict[str, str]:
    return {"Authorization": f"Bearer {name}", "Accept": accept}


def entries(store, deed: Deed):
    return [e for e in StoredAudit(store).latest(limit=500) if e.deed is deed]


def test_a_sign_in_is_recorded_once_for_each_session(client, store) -> None:
    for name in ("operator", "operator", "again", "later", "acme", "job"):
        client.get("/partners/acme/statements", headers=by(name))
    found = entries(store, Deed.SIGNED_IN)
    assert [e.actor.words() for e in found] == [
        "acme user id-of-eve (token of portal)",
        "ada (token of portal)",
        "ada (token of portal)",
    ]
    assert found[0].details[0].value == "acme"
    assert found[0].at == NOW


def test_a_refused_request_and_one_by_a_program_is_no_sign_in(client, store) -> None:
    client.get("/audit", headers=by("acme"))
    client.get("/partners/acme/statements", headers=by("unknown"))
    client.get("/partners/acme/statements/acme-2026-10-01.json", headers=by("operator", "application/json"))
    client.get("/livez", headers=by("operator"))
    assert entries(store, Deed.SIGNED_IN) == []


def test_a_sign_in_that_cannot_be_recorded_does_not_stop_the_page(client, store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE audit_entries RENAME TO hidden")
    assert client.get("/partners/acme/statements", headers=by("operator")).status_code == 200
    with store.write() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO audit_entries")
    client.get("/partners/acme/statements", headers=by("operator"))
    assert len(entries(store, Deed.SIGNED_IN)) == 1


def test_a_dispute_is_recorded_with_the_user_of_the_token_and_not_the_typed_name(client, store) -> None:
    form = {"line": "3", "name": "Another Name", "words": "we count less"}
    page = "/partners/acme/statements/acme-2026-10-01/disputes"
    assert client.post(page, data=form, headers=by("acme")).status_code == 303
    (found,) = entries(store, Deed.DISPUTED)
    assert (found.actor.name, found.target) == ("acme user id-of-eve", "acme-2026-10-01-d1")
    answer = {"name": "x", "words": "we credit it", "amount": "0.01"}
    assert (
        client.post(f"{page}/acme-2026-10-01-d1/credit", data=answer, headers=by("operator")).status_code
        == 303
    )
    (found,) = entries(store, Deed.CREDITED)
    assert found.actor.name == "ada"


def test_operators_see_the_log_page_by_page_and_partners_do_not(client, store) -> None:
    log = StoredAudit(store)
    for number in range(60):
        log.record(
            AuditEvent(
                at=NOW,
                environment="production",
                deed=Deed.APPLIED,
                actor=ADA,
                target=f"<b>host-{number}</b>",
                key=str(number),
                details=details_of(create=number),
            )
        )
    assert client.get("/audit", headers=by("acme")).status_code == 404
    first = client.get("/audit", headers=by("job"))
    assert "&lt;b&gt;host-59&lt;/b&gt;" in first.text
    assert "ada (local user on host-1)" in first.text
    older = first.text.split("/audit?before=")[1].split('"')[0]
    second = client.get(f"/audit?before={older}", headers=by("job"))
    assert "host-0" in second.text
    assert "finalized" in second.text
    assert "before=" not in second.text


def test_a_changed_entry_is_a_page_that_names_it(client, store) -> None:
    with store.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_entries_no_update")
        connection.exec_driver_sql("UPDATE audit_entries SET content = '{'")
    response = client.get("/audit", headers=by("job"))
    assert response.status_code == 500
    assert "of the audit log was changed" in response.text
    assert "partnergate audit verify" in response.text


@pytest.mark.parametrize("before", ["x", "-1", "9" * 40, "1;drop"])
def test_a_wrong_number_is_refused(client, before) -> None:
    assert client.get("/audit", params={"before": before}, headers=by("job")).status_code == 400
