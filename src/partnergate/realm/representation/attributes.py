"""Attributes of a resource, which Keycloak stores as strings or lists of strings, with the ownership mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from partnergate.realm.ownership import OWNER_MARK
from partnergate.realm.secrecy import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from partnergate.realm.state import FieldValue

PREFIX: Final = "attributes."


def from_lists(attributes: Mapping[str, list[str]] | None) -> tuple[str, dict[str, FieldValue]]:
    """Return the owner, and the other attributes as fields; for roles, groups and organizations."""
    attributes = attributes or {}
    fields: dict[str, FieldValue] = {
        PREFIX + name: tuple(shown(name, value) for value in values)
        for name, values in attributes.items()
        if name != OWNER_MARK and values
    }
    return next(iter(attributes.get(OWNER_MARK) or ()), ""), fields


def to_lists(fields: Mapping[str, FieldValue]) -> dict[str, list[Any]]:
    """Return the attributes among the fields, without the mark."""
    return {
        name.removeprefix(PREFIX): list(value)
        for name, value in fields.items()
        if name.startswith(PREFIX) and isinstance(value, tuple)
    }


def from_texts(attributes: Mapping[str, str] | None) -> tuple[str, dict[str, FieldValue]]:
    """Return the owner, and the other attributes as fields; for clients and client scopes."""
    attributes = attributes or {}
    fields: dict[str, FieldValue] = {
        PREFIX + name: shown(name, value)
        for name, value in attributes.items()
        if name != OWNER_MARK and value
    }
    return attributes.get(OWNER_MARK, ""), fields


def to_texts(fields: Mapping[str, FieldValue]) -> dict[str, Any]:
    """Return the attributes among the fields, without the mark."""
    return {name.removeprefix(PREFIX): value for name, value in fields.items() if name.startswith(PREFIX)}
