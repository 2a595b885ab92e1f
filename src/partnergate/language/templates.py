"""Builds ``RealmSpec`` from ``base.yaml`` merged with the template of one environment."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from partnergate.diagnostics import Span
from partnergate.language.building import realms
from partnergate.language.folder import TEMPLATES
from partnergate.language.keys.realm_template import REALM_TEMPLATE, TEMPLATE_PART
from partnergate.language.overlay import merged_over
from partnergate.language.process_values import resolved
from partnergate.language.reading import read_file
from partnergate.language.report import Report
from partnergate.language.rules.rule_catalog import REALM_RULES
from partnergate.language.text.tree import Mapping, Scalar, child, locate, span_of
from partnergate.language.variables import filled_in
from partnergate.model.partner import SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Mapping as MappingOf
    from pathlib import PurePosixPath

    from partnergate.language.folder import Folder
    from partnergate.model.environment import RealmSpec

BASE = "base.yaml"
_SUFFIX = ".yaml"


class Template(NamedTuple):
    """The realm of one environment and the tree that defines it."""

    realm: RealmSpec
    tree: Mapping


def environment_names(folder: Folder) -> tuple[str, ...]:
    """Return every environment that has a template, sorted."""
    names = (name for name in folder.templates if name.endswith(_SUFFIX) and name != BASE)
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names))


def _part(name: str, folder: Folder, report: Report) -> Mapping | None:
    content = folder.templates.get(name)
    if content is None:
        return None
    file = read_file(content, TEMPLATES / name, TEMPLATE_PART, report)
    return file.tree if file else None


def _check_name(tree: Mapping, environment: str, report: Report) -> None:
    """PG408: the file name matches the environment."""
    stated = child(tree, "environment")
    if isinstance(stated, Scalar) and stated.text != environment:
        report.add(
            "PG408",
            span_of(stated),
            f'file name {environment}.yaml does not match environment "{stated.text}"',
            "use the same name for both",
        )


def _with_variables(tree: Mapping, environment: str, report: Report) -> Mapping:
    declared = child(tree, "variables")
    values = {
        name: entry.value.text
        for name, entry in (declared.entries.items() if isinstance(declared, Mapping) else ())
        if isinstance(entry.value, Scalar)
    }
    rest = {n: e for n, e in tree.entries.items() if n != "variables"}
    filled = filled_in(tree._replace(entries=rest), values, environment, report)
    if not isinstance(filled, Mapping):
        return tree
    kept = {"variables": tree.entries["variables"]} if "variables" in tree.entries else {}
    return filled._replace(entries={**filled.entries, **kept})


def _merged(
    environment: str, folder: Folder, variables: MappingOf[str, str], report: Report
) -> Mapping | None:
    own = _part(f"{environment}{_SUFFIX}", folder, report)
    if own is None:
        return None
    _check_name(own, environment, report)
    base = _part(BASE, folder, report) if BASE in folder.templates else own
    if base is None or report.has_errors:
        return None
    whole = resolved(merged_over(base, own), variables, report)
    if not isinstance(whole, Mapping):
        return None
    return _with_variables(whole, environment, report)


def template(
    environment: str,
    folder: Folder,
    *,
    variables: MappingOf[str, str],
    commit_of: Callable[[PurePosixPath], str],
    report: Report,
) -> Template | None:
    """Return the realm of one environment; none after reporting why it cannot be built."""
    name = f"{environment}{_SUFFIX}"
    content = folder.templates.get(name)
    if content is None:
        known = ", ".join(environment_names(folder)) or "none"
        report.add(
            "PG409",
            Span(file=TEMPLATES / name),
            f"environment {environment} does not exist",
            f"environments: {known}",
        )
        return None
    reading = Report()
    tree = _merged(environment, folder, variables, reading)
    values = REALM_TEMPLATE.check(tree, reading) if tree is not None else None
    report.extend(reading.found())
    report.conceal(reading.concealed)
    if tree is None or values is None or reading.has_errors:
        return None
    path = TEMPLATES / name
    base = folder.templates.get(BASE, b"")
    source = SourceFile(
        path=path, sha256=hashlib.sha256(base + b"\0" + content).hexdigest(), commit=commit_of(path)
    )
    realm = realms.realm(values, source, server_url_at=locate(tree, ("server_url",)), shown=reading.concealed)
    for code, rule in REALM_RULES:
        for finding in rule(realm):
            report.add(code, locate(tree, finding.path, key=finding.on_key), finding.message, finding.hint)
    return Template(realm, tree)


def report_shared_realms(templates: Iterable[Template], report: Report) -> None:
    """PG415: two environments in one realm would overwrite each other."""
    seen: dict[tuple[str, str], Template] = {}
    for found in templates:
        place = (found.realm.server_url, found.realm.realm)
        first = seen.setdefault(place, found)
        if first is not found:
            report.add(
                "PG415",
                locate(found.tree, ("realm",)),
                f"{first.realm.environment} uses the same realm: {found.realm.realm} at {place[0]}",
                "use a separate realm for each environment",
            )
