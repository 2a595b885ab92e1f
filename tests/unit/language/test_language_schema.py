"""The published schema and the loader agree, so that editors report the same problems as validation."""

from __future__ import annotations

import json
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import jsonschema
import pytest

from builders.code_examples import REPOSITORY, folder_of
from partnergate.cli.schemas import WORKSPACE_SCHEMAS, published_schema
from partnergate.language.codes.catalog import CODES
from partnergate.language.keys.partner import PARTNER
from partnergate.language.keys.realm_template import TEMPLATE_PART
from partnergate.language.report import Report
from partnergate.language.schemas import partner_schema, realm_template_schema
from partnergate.language.text.decoding import decoded
from partnergate.language.text.nodes import compose
from partnergate.language.text.tree import Mapping, Scalar, Sequence

SEEN_BY_A_SCHEMA = (
    "PG012",
    "PG013",
    "PG014",
    "PG015",
    "PG021",
    "PG023",
    "PG024",
    "PG025",
    "PG034",
    "PG101",
    "PG130",
)


def plain(tree: Any) -> Any:
    """Return the values that an editor's YAML 1.2 parser would return."""
    match tree:
        case Mapping():
            return {name: plain(entry.value) for name, entry in tree.entries.items()}
        case Sequence():
            return [plain(item) for item in tree.items]
        case Scalar(text=text, plain=True):
            if text in ("true", "false"):
                return text == "true"
            if text in ("", "~", "null"):
                return None
            try:
                return int(text)
            except ValueError:
                pass
            try:
                return float(text)
            except ValueError:
                return text
        case Scalar(text=text):
            return text


def tree_of(content: bytes, name: str):
    report = Report()
    text = decoded(content, PurePosixPath(name), report)
    return compose(text, PurePosixPath(name), report) if text is not None else None


@pytest.mark.parametrize(
    "schema", [partner_schema(), realm_template_schema()], ids=["partner", "realm_template"]
)
def test_the_schema_is_draft_07(schema):
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"


def keys_without_description(schema: Any, place: str = "") -> list[str]:
    found = []
    if isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if "description" not in inner and "const" not in inner:
                found.append(f"{place}.{name}")
        for name, inner in schema.items():
            if name not in ("if", "default", "examples"):
                found += keys_without_description(inner, f"{place}.{name}")
    elif isinstance(schema, list):
        for inner in schema:
            found += keys_without_description(inner, place)
    return found


@pytest.mark.parametrize("name", WORKSPACE_SCHEMAS)
def test_every_key_has_a_description(name):
    assert not keys_without_description(json.loads(json.dumps(published_schema(name))))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("title", ["Wrong", "Right"])
def test_the_schema_and_the_shape_agree_on_every_example(code, title):
    """The examples contain every kind of mistake. Both must report the ones that a schema can express."""
    folder = folder_of(code, title)
    for names, shape, schema in (
        (folder.partners, PARTNER, partner_schema()),
        (folder.templates, TEMPLATE_PART, realm_template_schema()),
    ):
        validator = jsonschema.Draft7Validator(schema)
        for name, content in names.items():
            tree = tree_of(content, name) if name.endswith(".yaml") else None
            if not isinstance(tree, Mapping):
                continue
            report = Report()
            shape.check(tree, report)
            codes = {d.code for d in report.found()}
            wrong = [e.message for e in validator.iter_errors(plain(tree))]
            if not codes:
                assert not wrong, (name, wrong)
            if codes & set(SEEN_BY_A_SCHEMA):
                assert wrong, (name, codes)


def test_the_shipped_partner_files_satisfy_the_schema():
    validator = jsonschema.Draft7Validator(partner_schema())
    for file in sorted((REPOSITORY / "partners").glob("*.yaml")):
        tree = tree_of(file.read_bytes(), file.name)
        assert not list(validator.iter_errors(plain(tree)))


def test_the_loader_reads_dates_and_the_schema_reads_text():
    assert PARTNER.by_name["test_users"].shape.item.by_name["since"].shape.check(
        tree_of(b"2026-10-01", "x"), Report()
    ) == date(2026, 10, 1)
