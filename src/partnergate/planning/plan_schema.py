"""The documented format of a plan file, and the check of a document against it."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from partnergate.planning.plan_document import PlanDocument, StateColumns, StateRow
from partnergate.type_schema import DRAFT, Schema, type_schema


@cache
def plan_schema() -> Schema:
    """Return the schema that this version reads; ``schema/`` has a generated copy."""
    definitions: dict[str, Schema] = {}
    row = type_schema(StateColumns, definitions)
    plan = type_schema(PlanDocument, definitions, {StateRow: row})
    return {
        "$schema": DRAFT,
        "title": "partnergate plan",
        **plan,
        "definitions": dict(sorted(definitions.items())),
    }


def misfit(document: Any) -> str:
    """The first place where the document does not match the schema; empty when it matches."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - only reading a plan waits for it

    error = next(iter(Draft7Validator(plan_schema()).iter_errors(document)), None)
    if error is None:
        return ""
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return f"at {place.lstrip('.') or 'its top'}: {error.message[:_LONGEST]}"


_LONGEST: Final = 200
"""Messages contain the invalid value, which may be long."""
