"""Reads the agreement versions of a partner, including partly malformed ones.

A version with malformed values is still checked: placeholders replace the malformed values, and findings
about placeholders are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.language.building import agreements
from partnergate.language.reading import is_clean
from partnergate.language.rules.rule_catalog import AGREEMENT_RULES, TERMS_RULES
from partnergate.language.text.tree import Mapping, Sequence, Tree, child, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.reading import ReadFile
    from partnergate.language.report import Report
    from partnergate.language.shape.finding import Finding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement

_NO_CURRENCY = "XXX"
"""ISO 4217 code for "no currency". It has no decimals to compare with."""
_BY_ALL_CHARGES = "PG312"
_BY_DATES = frozenset({"PG313", "PG315", "PG316"})
"""Rules that compare adjacent versions. They need the dates of all versions."""
_CHARGES = "charges"


class Version(NamedTuple):
    """One version and the parts of it that can be checked."""

    path: Path
    agreement: Agreement
    valid: frozenset[Path] | None = None
    """Keys and charge positions without mistakes; none if the whole version is valid."""

    @property
    def is_valid(self) -> bool:
        return self.valid is None

    def has(self, *keys: str) -> bool:
        """Whether these keys contain no mistake."""
        return self.valid is None or all((key,) in self.valid for key in keys)


class Versions(NamedTuple):
    """All versions of a file, sorted by date."""

    listed: tuple[Version, ...]
    complete: bool
    """Whether every version has a known position in the order."""

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Return the versions without mistakes."""
        return tuple(version.agreement for version in self.listed if version.is_valid)


def versions_of(file: ReadFile, report: Report) -> Versions:
    """Return every version of the file. ``report`` contains the diagnostics from reading the file."""
    listed, values = child(file.tree, "agreement"), file.values.get("agreement")
    if not isinstance(listed, Sequence) or not values:
        return Versions((), complete=listed is None)
    found = []
    complete = True
    for place, (tree, value) in enumerate(zip(listed.items, values, strict=True)):
        path: Path = ("agreement", place)
        line = span_of(tree).line
        if value is not None and not (report.has_errors and not is_clean(tree, report)):
            found.append(Version(path, agreements.agreement(value, line)))
        elif isinstance(tree, Mapping) and isinstance(value, dict):
            version = _incomplete(path, tree, value, line, report)
            if version is not None:
                found.append(version)
            complete = complete and version is not None
        else:
            complete = False
    by_line = {version.agreement.line: version for version in found}
    ordered = agreements.in_order([version.agreement for version in found])
    placed = tuple(by_line[agreement.line]._replace(agreement=agreement) for agreement in ordered)
    return Versions(placed, complete)


def _incomplete(
    path: Path, tree: Mapping, values: dict[str, Any], line: int, report: Report
) -> Version | None:
    """Return the version with placeholders; none if its dates cannot be read."""
    valid = {
        key: value
        for key, value in values.items()
        if value is not None and key in tree.entries and is_clean(tree.entries[key].value, report)
    }
    if "effective" not in valid or ("until" in tree.entries and "until" not in valid):
        return None
    charges, places = _charges(child(tree, _CHARGES), values.get(_CHARGES), report)
    kept: set[Path] = {(key,) for key in valid} | {(_CHARGES, place) for place in places}
    placeholders = {"currency": _NO_CURRENCY, "time_zone": "UTC"}
    agreement = agreements.agreement({**placeholders, **valid, _CHARGES: charges}, line)
    return Version(path, agreement, frozenset(kept))


def _charges(
    tree: Tree | None, values: list[Any] | None, report: Report
) -> tuple[list[dict[str, Any]], list[int]]:
    """Return every charge, with placeholders for malformed ones, and the positions of the valid ones."""
    if not isinstance(tree, Sequence) or not values:
        return [], []
    charges, places = [], []
    for place, (item, value) in enumerate(zip(tree.items, values, strict=True)):
        if value is not None and is_clean(item, report):
            charges.append(value)
            places.append(place)
        else:
            # Text in a file never contains a control character, so no charge has this name.
            charges.append({"name": f"\0{place}", "price": {"model": "flat", "amount": "0"}})
    return charges, places


def version_findings(versions: Versions) -> Iterator[tuple[str, Finding]]:
    """Run every rule on each version and on all versions together."""
    for version in versions.listed:
        for code, rule in AGREEMENT_RULES:
            if code == _BY_ALL_CHARGES and not version.has(_CHARGES):
                continue
            for finding in rule(version.agreement, version.path):
                if version.is_valid or _is_of_the_file(finding, version):
                    yield code, finding
    pairs = [(version.path, version.agreement) for version in versions.listed]
    currencies = all(version.has("currency") for version in versions.listed)
    for code, terms_rule in TERMS_RULES:
        if code in _BY_DATES and not versions.complete:
            continue
        if code == "PG316" and not currencies:
            continue
        for finding in terms_rule(pairs):
            yield code, finding


def _is_of_the_file(finding: Finding, version: Version) -> bool:
    """Whether a finding is about a value of the file and not about a placeholder."""
    steps = finding.path[len(version.path) :]
    valid = version.valid or frozenset()
    return steps[:2] in valid if steps[:1] == (_CHARGES,) else steps[:1] in valid
