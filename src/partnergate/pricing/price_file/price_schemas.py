"""JSON Schemas of the files of ``partnergate price``: definition, usage, and the printed bill."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from partnergate.language.keys.agreement import AGREEMENT
from partnergate.language.shape.json_schema import json_schema
from partnergate.pricing.price_file.definition import DEFAULTS
from partnergate.pricing.price_file.usage_file import UsageFile
from partnergate.pricing.rated import RatedPeriod
from partnergate.type_schema import DRAFT, type_schema

if TYPE_CHECKING:
    from partnergate.type_schema import Registered, Schema

_AS_WRITTEN: Registered = {
    Decimal: {
        "anyOf": [{"type": "number", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}]
    },
    datetime: {"type": "string"},
}
"""Values of a usage file as a user writes them."""


def definition_schema() -> Schema:
    """Return the schema of ``--definition``: one version of an agreement, or a list of versions."""
    version = json_schema(AGREEMENT)
    version["required"] = [name for name in version.get("required", []) if name not in DEFAULTS]
    for name, default in DEFAULTS.items():
        version["properties"][name] = {**version["properties"][name], "default": default}
    return {
        "$schema": DRAFT,
        "title": "partnergate price definition",
        "description": "One version of an agreement, or all versions; a partner file is accepted as well",
        "definitions": {"version": version},
        "anyOf": [
            {"$ref": "#/definitions/version"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/version"}},
            {"type": "object", "required": ["agreement"], "properties": {"agreement": {"type": "array"}}},
        ],
    }


def usage_schema() -> Schema:
    """Return the schema of ``--usage``."""
    definitions: dict[str, Schema] = {}
    usage = type_schema(UsageFile, definitions, _AS_WRITTEN)
    return {
        "$schema": DRAFT,
        "title": "partnergate price usage",
        **usage,
        "definitions": dict(sorted(definitions.items())),
    }


def bill_schema() -> Schema:
    """Return the schema of the printed bill."""
    definitions: dict[str, Schema] = {}
    bill = type_schema(RatedPeriod, definitions)
    return {
        "$schema": DRAFT,
        "title": "partnergate price result",
        **bill,
        "definitions": dict(sorted(definitions.items())),
    }
