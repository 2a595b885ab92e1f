"""The published statement keys: the current key set, and never a private key."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from partnergate.service import problems
from partnergate.service.portal.statement_keys import PATH, statement_key_routes
from partnergate.statements.key_set import key_set_json, key_set_of, read_key_set, with_new_key
from partnergate.statements.seal import new_key_pair, private_key

OLD, NEW = new_key_pair(), new_key_pair()


@pytest.fixture
def keys(tmp_path):
    file = tmp_path / "key.jwks.json"
    file.write_bytes(key_set_json(key_set_of(OLD.public)))
    return file


@pytest.fixture
def client(keys):
    app = FastAPI()
    problems.install(app)
    app.include_router(statement_key_routes(keys))
    return TestClient(app, raise_server_exceptions=False)


def test_a_replaced_key_is_published_without_a_restart(client, keys) -> None:
    response = client.get(PATH)
    assert response.headers["content-type"] == "application/jwk-set+json"
    assert [k.key_id for k in read_key_set(response.content).keys] == [OLD.key_id]
    at = datetime(2026, 12, 1, tzinfo=UTC)
    keys.write_bytes(key_set_json(with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=at)))
    assert [k.key_id for k in read_key_set(client.get(PATH).content).keys] == [OLD.key_id, NEW.key_id]


def test_a_private_key_in_the_file_is_never_sent(client, keys) -> None:
    value = json.loads(keys.read_text())
    value["keys"][0]["d"] = private_key(OLD.private).private_bytes_raw().hex()
    keys.write_text(json.dumps(value))
    response = client.get(PATH)
    assert response.status_code == 503
    assert value["keys"][0]["d"] not in response.text


def test_a_missing_file_is_a_problem_and_not_a_crash(client, keys) -> None:
    keys.unlink()
    assert client.get(PATH).status_code == 503
