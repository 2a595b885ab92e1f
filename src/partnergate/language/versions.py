"""The versions of a partner's terms, as far as they are well formed.

A version with a mistake in its form is still judged by what is sound in it: stand-ins take the
place of the rest, and findings about stand-ins are dropped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.language.building import agreements
from partnergate.language.reading import is_clean
from partnergate.language.rules.catalog import AGREEMENT_RULES, TERMS_RULES
from partnergate.language.text.tree import Mapping, Sequence, Tree, child, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from partnergate.language.reading import ReadFile
    from partnergate.language.report import Report
    from partnergate.language.shape.finding import Finding
    from partnergate.language.text.tree import Path
    from partnergate.model.agreement import Agreement

_NO_CURRENCY = "XXX"
"""ISO 4217's own code for no currency: it has no decimals to compare with."""
_BY_ALL_CHARGES = "PG312"
_BY_DATES = frozenset({"PG313", "PG315", "PG316"})
"""They compare a version with its neighbour: who that is, only the dates of all of them say."""
_CHARGES = "charges"


class Version(NamedTuple):
    """One version, and what of it may be judged."""

    path: Path
    agreement: Agreement
    sound: frozenset[Path] | None = None
    """Keys, and places of charges, that the file says well; none where that is all of them."""

    @property
    def whole(self) -> bool:
        return self.sound is None

    def says(self, *keys: str) -> bool:
        """Whether these keys hold no mistake."""
        return self.sound is None or all((key,) in self.sound for key in keys)


class Versions(NamedTuple):
    """All versions of a file, by their dates."""

    listed: tuple[Version, ...]
    complete: bool
    """Whether every version could be given its place among the others."""

    @property
    def agreements(self) -> tuple[Agreement, ...]:
        """Those without a mistake in their form."""
        return tuple(version.agreement for version in self.listed if version.whole)


def versions_of(file: ReadFile, report: Report) -> Versions:
    """Every version of the file; ``report`` holds what reading the file found."""
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
            version = _mended(path, tree, value, line, report)
            if version is not None:
                found.append(version)
            complete = complete and version is not None
        else:
            complete = False
    by_line = {version.agreement.line: version for version in found}
    ordered = agreements.in_order([version.agreement for version in found])
    placed = tuple(by_line[agreement.line]._replace(agreement=agreement) for agreement in ordered)
    return Versions(placed, complete)


def _mended(path: Path, tree: Mapping, values: dict[str, Any], line: int, report: Report) -> Version | None:
    """The version with stand-ins; none where not even its dates can be read."""
    sound = {
        key: value
        for key, value in values.items()
        if value is not None and key in tree.entries and is_clean(tree.entries[key].value, report)
    }
    if "effective" not in sound or ("until" in tree.entries and "until" not in sound):
        return None
    charges, places = _charges(child(tree, _CHARGES), values.get(_CHARGES), report)
    kept: set[Path] = {(key,) for key in sound} | {(_CHARGES, place) for place in places}
    stand_ins = {"currency": _NO_CURRENCY, "time_zone": "UTC"}
    agreement = agreements.agreement({**stand_ins, **sound, _CHARGES: charges}, line)
    return Version(path, agreement, frozenset(kept))


def _charges(
    tree: Tree | None, values: list[Any] | None, report: Report
) -> tuple[list[dict[str, Any]], list[int]]:
    """Every charge, stand-ins for those with a mistake; and the places of those without."""
    if not isinstance(tree, Sequence) or not values:
        return [], []
    charges, places = [], []
    for place, (item, value) in enumerate(zip(tree.items, values, strict=True)):
        if value is not None and is_clean(item, report):
            charges.append(value)
            places.append(place)
        else:
            # A text of a file never holds a control character, so no charge has this name.
            charges.append({"name": f"\0{place}", "price": {"model": "flat", "amount": "0"}})
    return charges, places


def version_findings(versions: Versions) -> Iterator[tuple[str, Finding]]:
    """Every rule over each version, and over all of them together."""
    for version in versions.listed:
        for code, rule in AGREEMENT_RULES:
            if code == _BY_ALL_CHARGES and not version.says(_CHARGES):
                continue
            for finding in rule(version.agreement, version.path):
                if version.whole or _is_of_the_file(finding, version):
                    yield code, finding
    pairs = [(version.path, version.agreement) for version in versions.listed]
    currencies = all(version.says("currency") for version in versions.listed)
    for code, terms_rule in TERMS_RULES:
        if code in _BY_DATES and not versions.complete:
            continue
        if code == "PG316" and not currencies:
            continue
        for finding in terms_rule(pairs):
            yield code, finding


def _is_of_the_file(finding: Finding, version: Version) -> bool:
    """Whether a finding is about what the file says well, not about a stand-in."""
    steps = finding.path[len(version.path) :]
    sound = version.sound or frozenset()
    return steps[:2] in sound if steps[:1] == (_CHARGES,) else steps[:1] in sound
