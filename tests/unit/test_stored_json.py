"""JSON that is stored, merged or compared is canonical: it is never written with ``json.dumps``."""

from __future__ import annotations

import ast

from import_graph import PACKAGE, modules

ROOMS = ("attribution", "events", "metering", "model", "pricing", "statements", "store")
OTHER_JSON = {
    "events.pseudonymization": "hashes texts that may contain unpaired surrogates",
    "metering.aggregates.reference_section": "examples in the documentation",
    "statements.reconciliation.mapping": "a mapping file, indented for its author",
    "store.database.backup": "the rows of a backup, read back and never compared",
    "store.database.bulk": "parameters of one query",
}
"""Modules that may use ``json.dumps``, each with the text that it writes."""


def modules_with_dumps() -> set[str]:
    """The modules of ``ROOMS`` that call ``json.dumps``."""
    found = set()
    for module, path in modules().items():
        name = module.removeprefix(f"{PACKAGE}.")
        if name.split(".")[0] not in ROOMS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id="json"), attr="dumps"):
                    found.add(name)
    return found


def test_stored_json_is_canonical() -> None:
    assert modules_with_dumps() == set(OTHER_JSON)
