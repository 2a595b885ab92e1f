"""The conditions of a mapper that grants a role or a group, as Keycloak evaluates them.

An advanced mapper has a JSON list of keys and values, all of which must match. A simple mapper has one
claim or attribute with one value.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from partnergate.realm.mappers.kind import Mapper

SIMPLE_CLAIM: Final = "oidc-role-idp-mapper"
SIMPLE_ATTRIBUTE: Final = "saml-role-idp-mapper"
_LONGEST: Final = 200
"""Conditions in messages are truncated after this many characters."""


class UnreadableConditionsError(ValueError):
    """The config does not contain the conditions in the form that Keycloak reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What a user must have, in the order of the config."""

    pairs: tuple[tuple[str, str], ...]
    """(claim or attribute, value). All must match; without any, the mapper applies to every user."""
    patterns: bool = False
    """Whether the values are regular expressions."""
    by_friendly_name: bool = False
    """Whether the attribute is found by its FriendlyName."""

    @property
    def repeated(self) -> bool:
        """Whether several values of one claim are required at once."""
        return len({claim for claim, _ in self.pairs}) < len(self.pairs)

    def __str__(self) -> str:
        matches = " matches " if self.patterns else " = "
        friendly = "FriendlyName " if self.by_friendly_name else ""
        return _short(" and ".join(f"{friendly}{claim}{matches}{value}" for claim, value in self.pairs))


def conditions_of(mapper: Mapper) -> Conditions:
    """The conditions of a mapper. Raises ``UnreadableConditionsError``."""
    if mapper.type == SIMPLE_CLAIM:
        return _simple(mapper, "claim", "claim.value")
    if mapper.type == SIMPLE_ATTRIBUTE:
        return _simple_attribute(mapper)
    plural, singular = ("attributes", "attribute") if mapper.type.startswith("saml-") else ("claims", "claim")
    patterns = mapper.config.get(f"are.{singular}.values.regex", "").lower() == "true"
    return Conditions(pairs=_pairs(mapper.config.get(plural, "")), patterns=patterns)


def config_text(mapper: Mapper) -> str:
    """The config of a mapper of an unknown type, as far as it fits in a message."""
    return _short(", ".join(f"{name} = {value}" for name, value in sorted(mapper.config.items()) if value))


def _simple(mapper: Mapper, name: str, value: str) -> Conditions:
    if not mapper.config.get(name) or not mapper.config.get(value):
        raise UnreadableConditionsError(f"{name} or {value} is missing")
    return Conditions(pairs=((mapper.config[name], mapper.config[value]),))


def _simple_attribute(mapper: Mapper) -> Conditions:
    """A name, a FriendlyName, or both: then both must match."""
    name, friendly = (
        mapper.config.get(key, "").strip() for key in ("attribute.name", "attribute.friendly.name")
    )
    if not friendly:
        return _simple(mapper, "attribute.name", "attribute.value")
    pairs = [(friendly, mapper.config.get("attribute.value", ""))]
    if name:
        pairs.append((name, mapper.config.get("attribute.value", "")))
    return Conditions(pairs=tuple(pairs), by_friendly_name=True)


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    try:
        found: Any = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        raise UnreadableConditionsError(_short(text)) from None
    if not isinstance(found, list):
        raise UnreadableConditionsError(_short(text))
    pairs = []
    for pair in found:
        match pair:
            case {"key": str(key), "value": str(value)} if key and value:
                pairs.append((key, value))
            case _:
                raise UnreadableConditionsError(_short(text))
    return tuple(pairs)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} (truncated)"
