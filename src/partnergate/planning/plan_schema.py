"""The documented format of a plan file, and the check of a document against it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

_FILE: Final = "plan.schema.json"


@cache
def plan_schema() -> dict[str, Any]:
    """Return the schema that this version reads; ``schema/`` has a generated copy."""
    schema: dict[str, Any] = json.loads(files(__package__ or "").joinpath(_FILE).read_text(encoding="utf-8"))
    return schema


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
