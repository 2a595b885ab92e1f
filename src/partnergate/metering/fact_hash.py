"""One short hash over a set of billable records, in any order.

Each record has an identity, a line of text that never changes. Its 4096-bit SHAKE-128 digest is added
to the sum of the set, modulo 2^4096; the SHA-256 of count and sum is on the statement. Sums
of disjoint sets add up, so rollups can be merged. ``docs/decisions/fact-hash.md`` explains the width
of the sum.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from partnergate.metering.usage import FactSet

if TYPE_CHECKING:
    from collections.abc import Iterable

_BYTES = 512
_MODULUS_MASK = (1 << (8 * _BYTES)) - 1


def fact_weight(identity: str) -> int:
    """The number that a fact adds to the sum of its set."""
    return int.from_bytes(hashlib.shake_128(identity.encode()).digest(_BYTES), "big")


def add_weights(one: int, other: int) -> int:
    """The sum of two disjoint sets."""
    return (one + other) & _MODULUS_MASK


def weight_sum(weights: Iterable[int]) -> int:
    """The sum of disjoint sets."""
    return sum(weights) & _MODULUS_MASK


def weight_bytes(weight: int) -> bytes:
    """The sum as stored."""
    return weight.to_bytes(_BYTES, "big")


def fact_set(count: int, weight: int) -> FactSet:
    """What a statement carries of a set."""
    digest = hashlib.sha256(b"partnergate facts 1\n%d\n" % count + weight_bytes(weight & _MODULUS_MASK))
    return FactSet(count=count, sha256=digest.hexdigest())


def facts_of(identities: Iterable[str]) -> FactSet:
    """The fact set of distinct identities, in any order."""
    distinct = set(identities)
    return fact_set(len(distinct), sum(map(fact_weight, distinct)))


def usage_identity(source: str, event_id: str, amended_by: str | None = None) -> str:
    """A usage event as a fact; an amended one is another fact, named by its amend."""
    end = "" if amended_by is None else f"\n{amended_by}"
    return f"usage\n{source}\n{event_id}{end}"


def login_identity(realm: str, event_id: str) -> str:
    """A brokered login as a fact."""
    return f"login\n{realm}\n{event_id}"


def session_identity(realm: str, session_id: str) -> str:
    """A session as a fact."""
    return f"session\n{realm}\n{session_id}"


def person_identity(partner: str, subject: str) -> str:
    """An active user as a fact."""
    return f"person\n{partner}\n{subject}"


def value_identity(field: str, value: str) -> str:
    """A distinct value of a field as a fact."""
    return f"value\n{field}\n{value}"
