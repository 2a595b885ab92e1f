"""The detached JWS of a statement: any JOSE library verifies it, and nothing else passes for it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime

import jwt
import pytest
from jwcrypto import jwk, jws
from jwt.api_jws import PyJWS

from partnergate.statements.account import next_period
from partnergate.statements.document import seal_statement, statement_file
from partnergate.statements.draft import draft
from partnergate.statements.finalize import with_place
from partnergate.statements.jws import is_signed, key_id_of, typed_content, typed_jws
from partnergate.statements.key_set import key_set_json, key_set_of
from partnergate.statements.seal import new_key_pair, private_key, public_key
from partnergate.statements.verify import verify_file

NOW = datetime(2026, 11, 3, tzinfo=UTC)
KEYS = new_key_pair()
PUBLISHED = public_key(KEYS.public)


@pytest.fixture
def document(facts, account):
    statement = draft(facts, account, next_period(account), now=NOW).statement
    return seal_statement(with_place(statement, (), at=NOW, override=None), KEYS.private)


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def with_payload(detached: str, content: bytes) -> str:
    """The complete JWS, as RFC 7515, appendix F, says."""
    header, empty, signature = detached.split(".")
    assert empty == ""
    return f"{header}.{base64url(content)}.{signature}"


def test_the_header_names_algorithm_and_key_and_nothing_else(document) -> None:
    header = jwt.get_unverified_header(with_payload(document.seal.jws, document.content))
    assert header == {"alg": "EdDSA", "kid": document.seal.key_id}


def test_jwcrypto_verifies_a_statement_with_the_published_key_set(document) -> None:
    """Only the file and the key set, as a partner has them: the payload is the canonical JSON of the file."""
    whole = json.loads(statement_file(document.statement, document.seal))
    payload = json.dumps(
        whole["statement"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()
    keys = jwk.JWKSet.from_json(key_set_json(key_set_of(KEYS.public)).decode())
    signed = jws.JWS()
    signed.deserialize(whole["seal"]["jws"])
    signed.verify(keys.get_key(whole["seal"]["key_id"]), detached_payload=payload)
    with pytest.raises(jws.InvalidJWSSignature):
        signed.verify(keys.get_key(whole["seal"]["key_id"]), detached_payload=payload + b" ")


def test_pyjwt_verifies_a_statement(document) -> None:
    content = PyJWS().decode(
        with_payload(document.seal.jws, document.content), PUBLISHED, algorithms=["EdDSA"]
    )
    assert content == document.content


def forged(header: dict, content: bytes, key=KEYS.private) -> str:
    first = base64url(json.dumps(header).encode())
    signature = private_key(key).sign(f"{first}.{base64url(content)}".encode())
    return f"{first}..{base64url(signature)}"


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": KEYS.key_id},
        {"alg": "HS256", "kid": KEYS.key_id},
        {"alg": "EdDSA", "kid": "another"},
        {"alg": "EdDSA"},
        {"alg": "EdDSA", "kid": KEYS.key_id, "b64": False, "crit": ["b64"]},
        {"alg": "EdDSA", "kid": KEYS.key_id, "jwk": {"kty": "OKP"}},
        {"alg": "EdDSA", "kid": KEYS.key_id, "typ": "JWT"},
    ],
    ids=["none", "hmac", "other key", "no key", "b64", "jwk", "typ"],
)
def test_another_header_is_refused_though_the_key_signed_it(document, header) -> None:
    assert not is_signed(forged(header, document.content), document.content, PUBLISHED, KEYS.key_id)


def test_the_helper_of_this_test_signs_as_we_do(document) -> None:
    signed = forged({"alg": "EdDSA", "kid": KEYS.key_id}, document.content)
    assert is_signed(signed, document.content, PUBLISHED, KEYS.key_id)
    other = forged({"alg": "EdDSA", "kid": KEYS.key_id}, document.content, new_key_pair().private)
    assert not is_signed(other, document.content, PUBLISHED, KEYS.key_id)


@pytest.mark.parametrize("text", ["", ".", "..", "a..b", "....", "\ud800..x", "e30..", '{"alg"..'])
def test_garbage_is_not_a_signature(text: str) -> None:
    assert not is_signed(text, b"content", PUBLISHED, KEYS.key_id)


def test_the_unused_bits_of_the_signature_are_not_ignored(document) -> None:
    head, _, last = document.seal.jws.rpartition(document.seal.jws[-1])
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = head + letters[letters.index(document.seal.jws[-1]) ^ 1] + last
    assert not is_signed(other, document.content, PUBLISHED, KEYS.key_id)


def test_a_signature_with_a_type_is_read_only_as_that_type() -> None:
    signed = typed_jws(b"{}", private_key(KEYS.private), KEYS.key_id, typ="one+json")
    assert key_id_of(signed, typ="one+json") == KEYS.key_id
    assert key_id_of(signed, typ="other+json") is None
    assert typed_content(signed, PUBLISHED) == b"{}"
    header, _, signature = signed.split(".")
    assert not is_signed(f"{header}..{signature}", b"{}", PUBLISHED, KEYS.key_id)


def test_a_jws_of_another_statement_is_a_failed_check(document) -> None:
    other = forged({"alg": "EdDSA", "kid": KEYS.key_id}, b"{}")
    file = statement_file(document.statement, replace(document.seal, jws=other))
    assert {c.name for c in verify_file(file, KEYS.public).checks if not c.ok} == {"jws"}


def test_a_seal_of_an_earlier_version_has_no_jws_and_is_still_verified(document) -> None:
    whole = json.loads(statement_file(document.statement, document.seal))
    del whole["seal"]["jws"]
    result = verify_file(json.dumps(whole).encode(), KEYS.public)
    assert result.ok
    assert "jws" not in {c.name for c in result.checks}
