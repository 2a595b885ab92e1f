"""Secrets that an apply needs: all missing ones are reported in one error."""

from __future__ import annotations

import pytest

from partnergate.cli.realm.access import EveryFingerprint
from partnergate.cli.requirements import raise_together
from partnergate.errors import SecretError, UsageError
from partnergate.keycloak.secrets import KeyedFingerprints, SecretResolver
from partnergate.model.partner import SecretRef, SecretSource


def fingerprints(**environ: str) -> EveryFingerprint:
    return EveryFingerprint(KeyedFingerprints(key=b"k" * 32, resolve=SecretResolver(environ=environ)))


def look_up(every: EveryFingerprint, *names: str) -> None:
    for name in names:
        every(SecretRef(source=SecretSource.ENV, name=name), "place")


def test_every_missing_secret_is_in_one_error():
    every = fingerprints(ACME="value-of-acme")
    look_up(every, "ACME", "GLOBEX", "INITECH")
    with pytest.raises(UsageError) as raised:
        raise_together(every.failures())
    assert str(raised.value).startswith("2 settings are missing or invalid:")
    assert "GLOBEX" in str(raised.value)
    assert "INITECH" in str(raised.value)
    assert "ACME" not in str(raised.value)


def test_a_secret_that_is_used_twice_is_reported_once():
    every = fingerprints()
    look_up(every, "GLOBEX", "GLOBEX")
    with pytest.raises(SecretError, match="GLOBEX"):
        raise_together(every.failures())


def test_without_missing_secrets_there_is_no_error():
    every = fingerprints(ACME="value-of-acme")
    look_up(every, "ACME")
    raise_together(every.failures())
