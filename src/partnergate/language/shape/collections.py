"""Shapes of lists and mappings."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from partnergate.language.shape.scalars import Choice, Money, Shape, text_of, wrong_kind
from partnergate.language.shape.suggestion import did_you_mean, nearest
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, head_of, span_of

if TYPE_CHECKING:
    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree


_SHOWN = 3
_SHORT = 60
_WORD = re.compile(r"[A-Za-z0-9@._:/-]+\Z")
_PAIR = re.compile(r"([A-Za-z0-9._-]{1,60})\s*(?:==?|:|->)\s*([A-Za-z0-9._-]{1,60})\Z")
_SUGGESTED = 500
"""Maximum number of problems in a file for which suggestions are computed. Thousands would take seconds."""
_SECRET_WORD = re.compile(r"secret|passw|private_?key|api_?key|credential|access_?token", re.IGNORECASE)
SECRET_IN_CLEAR = "secret in plain text"  # noqa: S105 - words about secrets
SECRET_HINT = "write {vault: NAME}, {env: NAME}, or {file: NAME} instead, and change the secret"  # noqa: S105 - words


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownMistake:
    """The reason for rejecting a known wrong key or value, with a code of its own."""

    code: str
    message: str
    hint: str = ""
    intended: str = ""
    """The key that is intended instead. Its absence is not reported as another mistake."""


def called(key: str, here: str, *words: str, written: str = "") -> tuple[tuple[str, KnownMistake], ...]:
    """Return refusals for common wrong names of ``key`` that are not similar to it."""
    return tuple(
        (
            word,
            KnownMistake(
                code="PG012",
                message=f'unknown key "{word}" in {here}',
                hint=f"write {written or key}",
                intended=key,
            ),
        )
        for word in words
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key of a mapping."""

    name: str
    shape: Shape
    required: bool = False
    default: object = None
    """Shown in the schema and the reference. The typed model applies it."""
    note: str = ""
    """Replaces the description of the shape."""

    @property
    def description(self) -> str:
        return self.note or self.shape.description


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list with at least one entry and without duplicates."""

    item: Shape
    description: str = ""
    may_be_empty: bool = False
    most: int = 1000

    def check(self, tree: Tree, report: Report) -> list[Any] | None:
        if type(tree) is not Sequence:
            wrong_kind(tree, "a list", report, _as_list(tree, self.item))
            return None
        if not tree.items and not self.may_be_empty:
            report.add("PG022", span_of(tree), "empty list", "add an entry or delete the key")
        if len(tree.items) > self.most:
            report.add("PG021", span_of(tree), f"{len(tree.items)} entries; the limit is {self.most}")
            return None
        seen: set[str] = set()
        values = []
        for item in tree.items:
            if type(item) is Scalar:
                if item.text in seen:
                    report.add(
                        "PG024", span_of(item), f'duplicate entry "{item.text}"', "delete one of the two"
                    )
                seen.add(item.text)
            values.append(self.item.check(item, report))
        return values


def _as_list(tree: Tree, item: Shape) -> str:
    """Return a hint that shows the value as a list."""
    if type(tree) is Scalar and isinstance(item, Object):
        return f"start each entry with -, and {item.kind_hint()}"
    text = tree.text.strip() if type(tree) is Scalar else ""
    words = re.split(r"[\s,;]+", text)
    if len(text) <= _SHORT and all(_WORD.match(word) for word in words):  # a longer one may be a secret
        return f"write it as a list: [{', '.join(words)}]"
    if type(tree) is Mapping:
        return "start each entry with -, even if there is only one"
    return "write it as [one, two], or as lines that start with -"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A mapping with keys that the author chooses."""

    key: Shape
    value: Shape
    description: str = ""
    may_be_empty: bool = False

    def check(self, tree: Tree, report: Report) -> dict[str, Any] | None:
        if type(tree) is not Mapping:
            pair = _PAIR.match(tree.text) if type(tree) is Scalar else None
            shown = f"{pair[1]}: {pair[2]}" if pair else "name: value"
            wrong_kind(tree, "a mapping", report, f"write it as {{{shown}}}")
            return None
        if not tree.entries and not self.may_be_empty:
            report.add("PG022", span_of(tree), "empty mapping", "add an entry or delete the key")
        values = {}
        for name, entry in tree.entries.items():
            self.key.check(entry.key, report)
            values[name] = self.value.check(entry.value, report)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A mapping with a closed set of keys."""

    name: str
    """Used in messages: ``unknown key "x" in <name>``."""
    keys: tuple[Key, ...]
    description: str = ""
    exactly_one: tuple[str, ...] = ()
    at_most_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    exclusive: tuple[tuple[str, ...], ...] = ()
    """Further groups of which at most one key may be set."""
    refused: tuple[tuple[str, KnownMistake], ...] = ()
    """Unknown keys with a diagnostic of their own."""
    instead: KnownMistake | None = None
    """Reported for plain text where this mapping is expected."""
    otherwise: str = ""
    """Hint for unknown keys that are not similar to any known key."""
    by_name: dict[str, Key] = field(init=False, repr=False, compare=False)
    _required: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _refused: dict[str, KnownMistake] = field(init=False, repr=False, compare=False)
    _groups: tuple[tuple[tuple[str, ...], int, int], ...] = field(init=False, repr=False, compare=False)
    """Keys, with the minimum and maximum number that may be set."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})
        object.__setattr__(self, "_required", tuple(key.name for key in self.keys if key.required))
        object.__setattr__(self, "_refused", dict(self.refused))
        groups = (
            (self.exactly_one, 1, 1),
            (self.at_most_one, 0, 1),
            (self.at_least_one, 1, len(self.at_least_one)),
            *((group, 0, 1) for group in self.exclusive),
        )
        object.__setattr__(self, "_groups", tuple(group for group in groups if group[0]))

    def check(self, tree: Tree, report: Report) -> dict[str, Any] | None:
        if type(tree) is not Mapping:
            if self.instead and type(tree) is Scalar:
                report.add(self.instead.code, span_of(tree), self.instead.message, self.instead.hint)
            else:
                wrong_kind(tree, f"a mapping ({self.name})", report, self.kind_hint())
            return None
        values = {}
        intended = set()
        entries = tree.entries
        by_name = self.by_name
        for name, entry in entries.items():
            key = by_name.get(name)
            if key is None:
                intended.add(self._unknown(entry, report))
            else:
                values[name] = key.shape.check(entry.value, report)
        for name in self._required:
            if name not in entries and name not in intended:
                report.add(
                    "PG013",
                    head_of(tree),
                    f'missing key "{name}" in {self.name}',
                    self._missing_hint(name),
                )
        if self._groups:
            self._check_groups(tree, intended, report)
        return values

    def kind_hint(self) -> str:
        """Return a hint that shows a mapping with the most important keys."""
        shown = self._required + (self.at_least_one or self.exactly_one) or tuple(self.by_name)
        return f"write {{{', '.join(f'{name}: ...' for name in shown[:_SHOWN])}}}"

    def _missing_hint(self, name: str) -> str:
        key = self.by_name[name]
        text = key.description.split(". ")[0].rstrip(".")
        match key.shape:
            case Choice(words=words):
                return f"{text}: one of {', '.join(words)}"
            case Money(percent=percent):
                return f'{text}, in quotes: {name}: "{20 if percent else 12.5:.2f}"'
            case _:
                return text

    def intended_key(self, word: str) -> str:
        """Return the key that an unknown key probably means; empty if there is none."""
        refusal = self._refused.get(word)
        return refusal.intended if refusal else nearest(word, self.by_name) or ""

    def _unknown(self, entry: Entry, report: Report) -> str:
        """Report an unknown key, and return the key that it probably means."""
        key = entry.key
        refusal = self._refused.get(key.text)
        if refusal:
            where = entry.value if refusal.code == "PG101" else key
            report.add(refusal.code, span_of(where), refusal.message, refusal.hint)
            return refusal.intended
        if _SECRET_WORD.search(key.text):
            report.add("PG101", span_of(entry.value), SECRET_IN_CLEAR, SECRET_HINT)
            return ""
        intended = self.intended_key(key.text) if len(report) < _SUGGESTED else ""
        keys = f"known keys: {', '.join(sorted(self.by_name))}"
        report.add(
            "PG012",
            span_of(key),
            f'unknown key "{key.text[:80]}" in {self.name}',
            f'did you mean "{intended}"?' if intended else "; ".join(filter(None, (keys, self.otherwise))),
        )
        return intended

    def _check_groups(self, tree: Mapping, intended: set[str], report: Report) -> None:
        for group, least, most in self._groups:
            present = [name for name in group if name in tree.entries]
            if len(present) > most:
                where = tree.entries[present[1]].key
                report.add(
                    "PG025",
                    span_of(where),
                    f"keys {' and '.join(present)} are mutually exclusive",
                    "keep only one of them",
                )
            elif len(present) < least and intended.isdisjoint(group):
                report.add("PG013", head_of(tree), f"missing one of {', '.join(group)} in {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A mapping whose closed set of keys depends on one of them."""

    tag: str
    cases: tuple[tuple[str, Object], ...]
    name: str
    description: str = ""
    tag_description: str = ""
    often: tuple[tuple[str, str], ...] = ()
    """Common wrong values of the tag, each with a hint."""
    by_tag: dict[str, Object] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_tag", dict(self.cases))

    def check(self, tree: Tree, report: Report) -> dict[str, Any] | None:
        if type(tree) is not Mapping:
            wrong_kind(tree, f"a mapping ({self.name})", report, self._kind_hint(tree))
            return None
        entry = tree.entries.get(self.tag)
        words = tuple(self.by_tag)
        if entry is None:
            report.add(
                "PG013",
                head_of(tree),
                f'missing key "{self.tag}" in {self.name}',
                f"one of {', '.join(words)}",
            )
            return None
        text = entry.value.text if type(entry.value) is Scalar else ""
        case = self.by_tag.get(text)
        if case is None:
            if (given := text_of(entry.value, report)) is not None:
                report.add(
                    "PG015",
                    span_of(entry.value),
                    f'"{given}" is not one of {", ".join(words)}',
                    dict(self.often).get(given.lower()) or did_you_mean(given, words),
                )
            return None
        return case.check(tree, report)

    def _kind_hint(self, tree: Tree) -> str:
        case = self.by_tag.get(tree.text) if type(tree) is Scalar else None
        if case is None or type(tree) is not Scalar:
            return f"start with {self.tag}: {self.cases[0][0]}"
        return case.kind_hint().replace(f"{self.tag}: ...", f"{self.tag}: {tree.text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A single value or a mapping."""

    scalar: Shape
    mapping: Shape
    description: str = ""

    def check(self, tree: Tree, report: Report) -> Any:
        return (self.mapping if type(tree) is Mapping else self.scalar).check(tree, report)
