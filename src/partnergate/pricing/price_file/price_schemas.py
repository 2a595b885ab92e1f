"""JSON Schemas of the files of ``partnergate price``: definition, usage, and the printed bill."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from partnergate.language.keys.agreement import AGREEMENT
from partnergate.language.shape.json_schema import json_schema
from partnergate.pricing.price_file.definition import DEFAULTS
from partnergate.pricing.rated import RatedPeriod
from partnergate.type_schema import DRAFT, type_schema

if TYPE_CHECKING:
    from partnergate.type_schema import Schema


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
    """Return the schema of ``--usage``, stored next to the reader in ``usage.schema.json``."""
    text = files(__package__ or "").joinpath("usage.schema.json").read_text(encoding="utf-8")
    schema: Schema = json.loads(text)
    return schema


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
