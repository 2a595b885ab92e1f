"""No value in a path, a query, or a form ends in a server error."""

from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from fakes.named_tokens import NamedTokens
from partnergate.service.access import Authorizer
from partnergate.service.api.ingest import IngestQueue
from partnergate.service.app import create_app
from partnergate.service.deps import ServiceDeps
from partnergate.store.database.opening import open_store
from partnergate.store.usage.ledger import StoredUsage
from worlds.statement_world import NOW, final_october

OPERATOR = {"Authorization": "Bearer operator"}
OCTOBER = "/partners/acme/statements/acme-2026-10-01"
DEEP = '{"a":' * 100_000 + "1" + "}" * 100_000
VALUES = (
    "9999-12", "9999-12-31", "9999-12-30", "0001-01", "0001-01-01", "0000-01", "1969-12", "9998-12", "10000-01",
    "2026-13", "2026-W01-1", "%00", "%ff", "%E2%80%AE", "a" * 3000, "-1", "0", "99999999999999999999999", "1e5",
    "1_0", "%D9%A1", "acme-9999-12-01", "acme-9999-12-31", "acme-0001-01-01", "acme-1969-01-01", "..%2f..",
    "acme-2026-10-01%00", "NaN", "1E+999999999",
)  # fmt: skip
PATHS = (
    "/v1/partners/acme/quantities?period={}", "/v1/partners/{}/quantities", "/partners/{}", "/partners/{}/attempts",
    "/partners/{}/statements", "/partners/acme/statements/{}", "/partners/acme/statements/{}.pdf",
    "/partners/acme/statements/{}.csv", "/partners/acme/statements/{}/lines/1",
    "/partners/acme/statements/{}/reconciliation", OCTOBER + ".{}", OCTOBER + "/lines/{}",
    OCTOBER + "/lines/3?offset={}",
)  # fmt: skip
RECORDS = "event id,when,units\nt1,2026-10-05T10:00:00Z,3\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("store")
    with open_store(f"sqlite:///{folder}/store.db") as store:
        final_october(store)
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


def refused_or_served(answer):
    return answer.status_code < 500


@pytest.mark.parametrize("path", PATHS)
def test_no_value_in_a_path_or_query_is_a_server_error(client, path):
    failed = [v for v in VALUES if not refused_or_served(client.get(path.format(v), headers=OPERATOR))]
    assert failed == []


@pytest.mark.parametrize("period", ["9999-12", "9999-12-31", "0001-01", "1969-12-31"])
def test_a_period_outside_the_supported_years_is_a_problem_with_its_reason(client, period):
    answer = client.get(f"/v1/partners/acme/quantities?period={period}", headers=OPERATOR)
    assert answer.status_code == 422
    assert answer.json()["detail"] == f'"{period}" is not between 1970-01-01 and 9998-12-31'


@pytest.mark.parametrize("field", ["line", "amount", "words"])
def test_no_value_in_a_dispute_is_a_server_error(client, field):
    form = {"line": "3", "words": "x"}
    for value in VALUES:
        sent = form | {field: unquote(value, errors="replace")}
        assert refused_or_served(client.post(OCTOBER + "/disputes", data=sent, headers=OPERATOR)), value


@pytest.mark.parametrize("path", ["/disputes/{}/answer", "/disputes/acme-2026-10-01-d1/{}"])
def test_no_dispute_name_or_verb_is_a_server_error(client, path):
    for value in VALUES:
        answer = client.post(OCTOBER + path.format(value), data={"words": "x"}, headers=OPERATOR)
        assert refused_or_served(answer), value


@pytest.mark.parametrize(
    "mapping",
    [
        *VALUES, DEEP, "[" * 100_000, '{"time":{"a":1}}', "[1]", "1", '{"zone":"../../etc"}',
        '{"time":"when","time_format":"%"}', '{"decimal_comma":"x"}',
    ],
)  # fmt: skip
def test_no_mapping_is_a_server_error(client, mapping):
    form = {"line": "Tasks", "records": RECORDS, "mapping": mapping}
    answer = client.post(OCTOBER + "/reconciliation", data=form, headers=OPERATOR)
    assert refused_or_served(answer)


@pytest.mark.parametrize(
    "row",
    [
        "t1,0001-01-01T00:00:00+01:00,3", "t1,9999-12-31T23:59:59-01:00,1e999999999", "t1,99999999999999999,1",
        "x" * 200_000 + ",2026-10-05T10:00:00Z,1", "a\0b,2026-10-05T10:00:00Z,1", '"', "\ufeff,,",
    ],
)  # fmt: skip
def test_no_record_of_a_partner_is_a_server_error(client, row):
    answer = client.post(
        OCTOBER + "/reconciliation?line=Tasks&format=json",
        content=f"event id,when,units\n{row}\n".encode(),
        headers=OPERATOR | {"content-type": "text/csv"},
    )
    assert refused_or_served(answer)
