"""The published JSON Schemas: the one list of names, and the function that makes each.

The file of a schema is ``schema/<name>.schema.json``. The files of a workspace and price definitions
derive their schemas from the language's shapes, every other format from its types (``type_schema``).
"""

from __future__ import annotations

import json
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMAS = {
    "partner": "language.schemas:partner_schema",
    "realm_template": "language.schemas:realm_template_schema",
    "plan": "planning.plan_schema:plan_schema",
    "advisories": "planning.advisory_file:advisory_schema",
    "price_definition": "pricing.price_file.price_schemas:definition_schema",
    "price_usage": "pricing.price_file.price_schemas:usage_schema",
    "price_result": "pricing.price_file.price_schemas:bill_schema",
    "statement": "statements.schema:statement_schema",
}
"""Schema name -> the function below ``partnergate`` that makes it; imported when it is asked for."""

WORKSPACE_SCHEMAS = ("partner", "realm_template")
"""Schemas of the files of a workspace; ``init`` and ``schema --write`` put them there for editors."""


def published_schema(name: str) -> dict[str, Any]:
    """Return the schema of that name. Raises ``KeyError`` if there is none."""
    module, _, function = SCHEMAS[name].partition(":")
    make: Callable[[], dict[str, Any]] = getattr(import_module(f"partnergate.{module}"), function)
    return make()


def schema_file(name: str) -> str:
    """Return the file name of a schema."""
    return f"{name}.schema.json"


def schema_text(name: str) -> str:
    """Return the text of a schema's file."""
    return json.dumps(published_schema(name), indent=2, ensure_ascii=False) + "\n"
