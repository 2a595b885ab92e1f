"""Makes imported files valid: leaves out the parts that a file cannot have, and waives what can be waived.

A part is left out only if that allows no more than before. Any other error skips the provider.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import yaml

from partnergate.diagnostics import Severity
from partnergate.language.rules.partners import NO_APPROVER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from partnergate.applying.importing.provider_import import ImportedPartner
    from partnergate.diagnostics import Diagnostic

Step = str | int
_ROUNDS: Final = 12
_WAIVED_DAYS: Final = 90
_APPROVED: Final = "whoever approved the file that the provider was created from"
_REASON: Final = "The provider was imported with this property, and its users already have accounts."
_ANY: Final = "*"
_OPTIONAL: Final = (
    ("identity", "roles", _ANY),
    ("identity", "attributes", _ANY),
    ("identity", "email"),
    ("identity", "first_name"),
    ("identity", "last_name"),
    ("sign_in", "forward_parameters", _ANY),
    ("sign_in", "logout_url"),
    ("sign_in", "prompt"),
    ("sign_in", "slo_url"),
)
"""Parts of a file without which fewer users get something, or the same ones sign in."""
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9-]*")
_WITH: Final = {"slo_url": "slo_binding"}
_BETWEEN_FILES: Final = frozenset({"PG202", "PG203", "PG204", "PG205", "PG206", "PG209", "PG212"})
"""Codes that every file of a conflict has; without one of the files, the others are valid."""


@dataclass(slots=True, kw_only=True)
class ImportedFile:
    """An imported file while it is made valid."""

    partner: ImportedPartner
    document: dict[str, Any]
    left_out: list[str] = field(default_factory=list)
    """The parts that were left out, each with the diagnostic."""
    waived: list[str] = field(default_factory=list)
    """The rules that the existing provider violates, each with the diagnostic."""

    def deployed(self) -> dict[str, Any]:
        """The document with approved waivers and the stage of the provider, to compare with the realm."""
        waivers = [waiver | {"approved_by": _APPROVED} for waiver in self.document.get("waivers", ())]
        stage = {"stage": self.partner.document["stage"]}
        return self.document | stage | ({"waivers": waivers} if waivers else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """The workspace with the imported files, and how to write one."""

    root: Path
    environment: str
    path_of: Callable[[Path, ImportedPartner], Path]
    write: Callable[[Path, dict[str, Any]], None]
    today: date

    def run(self, drafts: list[ImportedFile]) -> tuple[list[ImportedFile], dict[str, str]]:
        """Return the valid drafts, and the reason for each alias that was skipped. Rewrites the files."""
        skipped: dict[str, str] = {}
        remaining = {self._path(draft).name: draft for draft in drafts}
        for number in range(_ROUNDS):
            found = self._errors(remaining)
            if not found:
                break
            refused = {name: self._repaired(remaining[name], errors) for name, errors in found.items()}
            kept = _kept_of_conflicts(refused) if number < _ROUNDS - 2 else frozenset()
            for name, hard in refused.items():
                if hard and name not in kept:
                    draft = remaining.pop(name)
                    self._path(draft).unlink()
                    words = dict.fromkeys(f"{one.code} {one.message}" for one in hard[:3])
                    skipped[draft.partner.alias] = "; ".join(words)
        return list(remaining.values()), skipped

    def _path(self, draft: ImportedFile) -> Path:
        return self.path_of(self.root, draft.partner)

    def _errors(self, remaining: Mapping[str, ImportedFile]) -> dict[str, list[Diagnostic]]:
        from partnergate.language.load import load_workspace

        _, problems = load_workspace(self.root, self.environment, variables=os.environ)
        found: defaultdict[str, list[Diagnostic]] = defaultdict(list)
        for problem in problems:
            if problem.severity is Severity.ERROR and problem.span.file.name in remaining:
                found[problem.span.file.name].append(problem)
        return dict(sorted(found.items()))

    def _repaired(self, draft: ImportedFile, errors: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Change the draft. Returns the errors that no change of it can avoid."""
        from partnergate.language.codes.catalog import CODES

        path = self._path(draft)
        places = tuple(_places(path.read_text(encoding="utf-8")))
        hard: list[Diagnostic] = []
        parts: dict[tuple[Step, ...], Diagnostic] = {}
        for error in errors:
            if CODES[error.code].waivable:
                self._waive(draft, error)
            elif part := _optional_part(_place(places, error)):
                parts.setdefault(part, error)
            else:
                hard.append(error)
        # From the end of each list, so that the places of the others stay.
        for part in sorted(parts, key=str, reverse=True):
            _leave_out(draft, part, parts[part])
        self.write(path, draft.document)
        return hard

    def _waive(self, draft: ImportedFile, error: Diagnostic) -> None:
        waivers = draft.document.setdefault("waivers", [])
        if all(waiver["code"] != error.code for waiver in waivers):
            waivers.append(
                {
                    "code": error.code,
                    "reason": _REASON,
                    "until": self.today + timedelta(days=_WAIVED_DAYS),
                    "approved_by": _APPROVED if draft.partner.owned else NO_APPROVER,
                }
            )
        if not draft.partner.owned:
            draft.document["stage"] = "draft"
        draft.waived.append(f"{error.code} {error.message}")


def _kept_of_conflicts(refused: Mapping[str, list[Diagnostic]]) -> frozenset[str]:
    """The files that only conflict with others, without those that a kept one conflicts with.

    The messages name the other partners.
    """
    kept: dict[str, str] = {}
    for name, errors in refused.items():
        if errors and all(error.code in _BETWEEN_FILES for error in errors):
            named = {word for error in errors for word in _WORD.findall(error.message)}
            if not named & kept.keys():
                kept[name.removesuffix(".yaml")] = name
    return frozenset(kept.values())


def _places(text: str) -> Iterator[tuple[tuple[Step, ...], int, int]]:
    """(path, first line, last line) of every value, outer values first. Lines are 1-based."""
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    if tree is not None:
        yield from _inside(tree, ())


def _inside(node: yaml.Node, path: tuple[Step, ...]) -> Iterator[tuple[tuple[Step, ...], int, int]]:
    children: list[tuple[Step, int, yaml.Node]] = []
    if isinstance(node, yaml.MappingNode):
        children = [(key.value, key.start_mark.line, value) for key, value in node.value]
    elif isinstance(node, yaml.SequenceNode):
        children = [(place, item.start_mark.line, item) for place, item in enumerate(node.value)]
    for step, start, value in children:
        end = value.end_mark
        # A block value ends at the start of the line after it.
        last = end.line if end.column else end.line - 1
        yield (*path, step), start + 1, max(start, last) + 1
        yield from _inside(value, (*path, step))


def _place(places: Iterable[tuple[tuple[Step, ...], int, int]], error: Diagnostic) -> tuple[Step, ...]:
    inside = [path for path, first, last in places if first <= error.span.line <= last]
    return max(inside, key=len, default=())


def _optional_part(path: tuple[Step, ...]) -> tuple[Step, ...]:
    """The part of the file that can be left out with this place; empty when none can."""
    for pattern in _OPTIONAL:
        if len(path) >= len(pattern) and all(
            wanted in {_ANY, step} for wanted, step in zip(pattern, path, strict=False)
        ):
            return path[: len(pattern)]
    return ()


def _leave_out(draft: ImportedFile, part: tuple[Step, ...], error: Diagnostic) -> None:
    holder: Any = draft.document
    for step in part[:-1]:
        holder = holder[step]
    value = holder.pop(part[-1])
    if also := _WITH.get(str(part[-1])):
        holder.pop(also, None)
    if not holder:
        draft.document[str(part[0])].pop(part[1])
    shown = ".".join(str(step) for step in part if isinstance(step, str))
    draft.left_out.append(f"{shown}: {value}: {error.code} {error.message}")
