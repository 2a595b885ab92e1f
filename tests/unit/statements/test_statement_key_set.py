"""Published keys: when they seal, when they do not any more, and what a set must not contain."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives import serialization

from partnergate.errors import StatementError
from partnergate.statements.account import next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.key_set import (
    KeySet,
    PublishedKey,
    Revocation,
    RevocationReason,
    key_set_json,
    key_set_of,
    read_key_set,
    with_new_key,
    with_revoked,
)
from partnergate.statements.seal import new_key_pair, private_key, public_key
from partnergate.statements.verify import verify_file

NOW = datetime(2026, 11, 3, tzinfo=UTC)
OLD, NEW = new_key_pair(), new_key_pair()
DAY = timedelta(days=1)


@pytest.fixture
def sealed(facts, account):
    """The file of October, sealed by the old key at ``NOW``."""
    statement = draft(facts, account, next_period(account), now=NOW).statement
    document = seal_statement(with_place(statement, (), at=NOW, override=None), OLD.private)
    return statement_file(document.statement, document.seal)


def failures(file: bytes, keys: KeySet) -> dict[str, str]:
    return {c.name: c.detail for c in verify_file(file, keys).checks if not c.ok}


def published(**bounds) -> KeySet:
    return KeySet(keys=(PublishedKey(key=public_key(OLD.public), **bounds),))


def test_a_seal_is_valid_after_its_key_was_replaced(sealed) -> None:
    keys = with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=NOW + DAY)
    assert failures(sealed, keys) == {}


def test_a_seal_from_after_the_replacement_is_refused_with_both_times(sealed) -> None:
    keys = with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=NOW - DAY)
    assert failures(sealed, keys) == {
        "key": f"key {OLD.key_id} was valid until 2026-11-02T00:00:00Z, and the seal is from 2026-11-03T00:00:00Z"
    }


def test_a_seal_from_before_the_key_existed_is_refused(sealed) -> None:
    assert failures(sealed, published(valid_from=NOW + DAY)) == {
        "key": f"key {OLD.key_id} is valid from 2026-11-04T00:00:00Z, and the seal is from 2026-11-03T00:00:00Z"
    }


@pytest.mark.parametrize("at", [NOW - DAY, NOW, NOW + DAY])
def test_a_revoked_key_is_refused_whatever_time_the_seal_states(sealed, at) -> None:
    """Whoever has a stolen key writes any time into the statement."""
    revocation = Revocation(at=at, reason=RevocationReason.COMPROMISED)
    keys = with_revoked(key_set_of(OLD.public), OLD.key_id, revocation)
    assert failures(sealed, read_key_set(key_set_json(keys))) == {
        "key": f"key {OLD.key_id} was revoked on {at:%Y-%m-%d} (compromised): ask the issuer for a replacement"
    }


def test_a_key_outside_the_set_is_refused_with_the_ids(sealed) -> None:
    (detail,) = failures(sealed, key_set_of(NEW.public)).values()
    assert detail == f"sealed by key {OLD.key_id}, and the given key is {NEW.key_id}"


def test_a_set_is_read_back_as_it_was_written() -> None:
    keys = with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=NOW)
    again = read_key_set(key_set_json(keys))
    assert [(k.key_id, k.valid_from, k.valid_until, k.revoked) for k in again.keys] == [
        (OLD.key_id, None, NOW, None),
        (NEW.key_id, NOW, None, None),
    ]


def test_a_seal_in_the_second_of_the_replacement_is_valid_by_either_key() -> None:
    at = NOW + timedelta(milliseconds=900)
    old, new = read_key_set(
        key_set_json(with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=at))
    ).keys
    assert not old.problem(at - timedelta(milliseconds=1))
    assert not new.problem(at)


def test_replacing_and_revoking_twice_changes_nothing() -> None:
    keys = with_new_key(key_set_of(OLD.public), OLD.public, NEW.public, at=NOW)
    assert with_new_key(keys, OLD.public, NEW.public, at=NOW + DAY) == keys
    revoked = with_revoked(keys, OLD.key_id, Revocation(at=NOW, reason=RevocationReason.COMPROMISED))
    later = Revocation(at=NOW + DAY, reason=RevocationReason.SUPERSEDED)
    assert with_revoked(revoked, OLD.key_id, later) == revoked
    with pytest.raises(StatementError, match="no key 0000"):
        with_revoked(keys, "0000", later)


def test_the_set_has_the_members_of_rfc_7517_and_rfc_8037() -> None:
    (jwk,) = json.loads(key_set_json(published(valid_from=NOW)))["keys"]
    raw = public_key(OLD.public).public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    assert jwk == {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": base64.urlsafe_b64encode(raw).rstrip(b"=").decode(),
        "kid": OLD.key_id,
        "use": "sig",
        "alg": "EdDSA",
        "nbf": 1793664000,
    }


def _private_part() -> str:
    raw = private_key(OLD.private).private_bytes_raw()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"kty": "RSA"}, r"keys\[0\] is not an Ed25519 key"),
        ({"d": _private_part()}, r"keys\[0\] contains a private key: anyone who read the file can seal"),
        ({"x": "AA"}, r"keys\[0\].x is not an Ed25519 key"),
        ({"x": "!"}, r"keys\[0\].x is not an Ed25519 key"),
        ({"kid": NEW.key_id}, rf"keys\[0\].kid is not {OLD.key_id}"),
        ({"nbf": "2026-01-01"}, r"keys\[0\].nbf is not a time in seconds"),
        ({"exp": 10**13}, r"keys\[0\].exp is not a time in seconds"),
        ({"exp": True}, r"keys\[0\].exp is not a time in seconds"),
        ({"revoked": True}, r"keys\[0\].revoked.revoked_at is missing"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_key_is_named(change, words) -> None:
    value = json.loads(key_set_json(key_set_of(OLD.public)))
    value["keys"][0] |= change
    with pytest.raises(StatementError, match=words) as caught:
        read_key_set(json.dumps(value).encode())
    assert _private_part() not in caught.value.diagnostics()


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [], "keys": []}', b'{"keys": [null]}']
)
def test_what_is_not_a_key_set_is_refused(content: bytes) -> None:
    with pytest.raises(StatementError):
        read_key_set(content)


def test_a_key_may_be_in_the_set_once() -> None:
    keys = key_set_of(OLD.public).keys
    with pytest.raises(StatementError, match="a key twice"):
        read_key_set(key_set_json(KeySet(keys=(*keys, *keys))))
