"""The table of advisories as a JSON file: the one of this version, and newer ones without a release.

Both have the format of ``schema/advisories.schema.json`` (``partnergate schema advisories``).
"""

from __future__ import annotations

from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from partnergate.errors import UsageError
from partnergate.planning.advisories import Advisory, AdvisoryTable
from partnergate.realm.state import ResourceKind
from partnergate.realm.versions import version_tuple
from partnergate.strict_json import StrictJsonError, decode_json
from partnergate.type_schema import DRAFT, Schema, type_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT_VERSION: Final = 1
MAX_BYTES: Final = 1_000_000
_FILE: Final = "advisories.json"
_LONGEST: Final = 200
_ADVICE: Final = "partnergate schema advisories prints the format"


@cache
def advisory_schema() -> Schema:
    """Return the JSON Schema of a table."""
    definitions: dict[str, Schema] = {}
    root = type_schema(AdvisoryTable, definitions)
    definitions["AdvisoryTable"]["properties"]["format_version"]["const"] = FORMAT_VERSION
    fixed = definitions["Advisory"]["properties"]["fixed"]
    fixed["items"]["pattern"] = "^[0-9]+\\.[0-9]+\\.[0-9]+$"
    return {
        "$schema": DRAFT,
        "title": "Known vulnerabilities of Keycloak",
        **root,
        "definitions": definitions,
    }


@cache
def bundled_table() -> AdvisoryTable:
    """Return the table of this version. A test checks its format, so that no plan waits for it."""
    return _table(decode_json(files(__package__ or "").joinpath(_FILE).read_bytes()), _FILE)


def read_table(content: bytes, *, name: str) -> AdvisoryTable:
    """Read a table. Raises ``UsageError`` with the place of the first problem; ``name`` names the file."""
    from jsonschema import Draft7Validator  # noqa: PLC0415 - commands without a table do not wait for it

    if len(content) > MAX_BYTES:
        raise UsageError(f"the table is larger than {MAX_BYTES:,} bytes", target=name, advice=_ADVICE)
    try:
        document = decode_json(content)
    except StrictJsonError as error:
        raise UsageError(f"the table is not valid JSON: {error}", target=name, advice=_ADVICE) from error
    wrong = next(iter(Draft7Validator(advisory_schema()).iter_errors(document)), None)
    if wrong is not None:
        place = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in wrong.absolute_path)
        what = f"at {place.lstrip('.') or 'its top'}: {wrong.message[:_LONGEST]}"
        raise UsageError(what, target=name, advice=_ADVICE)
    table = _table(document, name)
    for problem in _problems(table):
        raise UsageError(problem, target=name, advice="correct the table")
    return table


def _table(document: dict[str, Any], name: str) -> AdvisoryTable:
    try:
        published = date.fromisoformat(document["published"])
    except ValueError as error:
        raise UsageError(f"at published: {error}", target=name, advice="write a day as YYYY-MM-DD") from error
    advisories = tuple(
        Advisory(
            code=entry["code"],
            message=entry["message"],
            fixed=tuple(entry["fixed"]),
            issue=entry["issue"],
            concerns=tuple(ResourceKind(kind) for kind in entry["concerns"]),
            mitigated_by=entry["mitigated_by"],
        )
        for entry in document["advisories"]
    )
    return AdvisoryTable(format_version=FORMAT_VERSION, published=published, advisories=advisories)


def _problems(table: AdvisoryTable) -> Iterator[str]:
    seen: set[str] = set()
    for advisory in table.advisories:
        if advisory.code in seen:
            yield f"{advisory.code} is listed twice"
        seen.add(advisory.code)
        versions = [version_tuple(version) for version in advisory.fixed]
        if versions != sorted(versions):
            yield f"the fixed versions of {advisory.code} are not sorted"
        if not (advisory.code.isprintable() and advisory.message.isprintable()):
            yield f"{advisory.code!r} has a character that is not printable"
        if not advisory.mitigated_by.isprintable():
            yield f"mitigated_by of {advisory.code} has a character that is not printable"
