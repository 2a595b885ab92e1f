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
"""Problems of a file for which a near word is looked up; thousands would cost seconds."""
_SECRET_WORD = re.compile(r"secret|passw|private_?key|api_?key|credential|access_?token", re.IGNORECASE)
SECRET_IN_CLEAR = "a secret is written here in clear"  # noqa: S105 - words about secrets
SECRET_HINT = "name where it is kept: {vault: NAME}, {env: NAME} or {file: PATH}; then change it"  # noqa: S105 - words


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Says why a key or a value that people try is refused, under a code of its own."""

    code: str
    message: str
    hint: str = ""
    meant: str = ""
    """The key that is meant instead; that it is missing as well is not another mistake."""


def called(key: str, here: str, *words: str, written: str = "") -> tuple[tuple[str, Refusal], ...]:
    """Return refusals for words that people write instead of ``key`` and that are not spelled like it."""
    return tuple(
        (
            word,
            Refusal(
                code="PG012",
                message=f'unknown key "{word}" in {here}',
                hint=f"write {written or key}",
                meant=key,
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
    """Shown in the schema and the reference; the typed model applies it."""
    note: str = ""
    """Replaces the shape's description where the key says more than the shape."""

    @property
    def description(self) -> str:
        return self.note or self.shape.description


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list; one entry at least, none twice."""

    item: Shape
    description: str = ""
    may_be_empty: bool = False
    most: int = 1000

    def check(self, tree: Tree, report: Report) -> list[Any] | None:
        if type(tree) is not Sequence:
            wrong_kind(tree, "a list", report, _as_list(tree, self.item))
            return None
        if not tree.items and not self.may_be_empty:
            report.add("PG022", span_of(tree), "an empty list", "list something or delete the key")
        if len(tree.items) > self.most:
            report.add("PG021", span_of(tree), f"{len(tree.items)} entries; at most {self.most} are meant")
            return None
        seen: set[str] = set()
        values = []
        for item in tree.items:
            if type(item) is Scalar:
                if item.text in seen:
                    report.add("PG024", span_of(item), f'"{item.text}" is in this list twice', "delete one")
                seen.add(item.text)
            values.append(self.item.check(item, report))
        return values


def _as_list(tree: Tree, item: Shape) -> str:
    """How to write as a list what is none."""
    if type(tree) is Scalar and isinstance(item, Object):
        return f"begin each entry with -, and {item.kind_hint()}"
    text = tree.text.strip() if type(tree) is Scalar else ""
    words = re.split(r"[\s,;]+", text)
    if len(text) <= _SHORT and all(_WORD.match(word) for word in words):  # a longer one may be a secret
        return f"write it as a list: [{', '.join(words)}]"
    if type(tree) is Mapping:
        return "begin each entry with -, also when there is only one"
    return "write it as [one, two] or as lines that start with -"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapOf:
    """A mapping whose keys the writer chooses."""

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
            report.add("PG022", span_of(tree), "an empty mapping", "name something or delete the key")
        values = {}
        for name, entry in tree.entries.items():
            self.key.check(entry.key, report)
            values[name] = self.value.check(entry.value, report)
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """A mapping with a closed set of keys."""

    name: str
    """In messages: ``unknown key "x" in <name>``."""
    keys: tuple[Key, ...]
    description: str = ""
    exactly_one: tuple[str, ...] = ()
    at_most_one: tuple[str, ...] = ()
    at_least_one: tuple[str, ...] = ()
    refused: tuple[tuple[str, Refusal], ...] = ()
    """Unknown keys that deserve more than ``unknown key``."""
    instead: Refusal | None = None
    """What to say to a single text where this mapping is meant."""
    otherwise: str = ""
    """What to say of unknown keys that are near to none."""
    by_name: dict[str, Key] = field(init=False, repr=False, compare=False)
    _required: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _refused: dict[str, Refusal] = field(init=False, repr=False, compare=False)
    _groups: tuple[tuple[tuple[str, ...], int, int], ...] = field(init=False, repr=False, compare=False)
    """Keys, and how many of them there are at least and at most."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {key.name: key for key in self.keys})
        object.__setattr__(self, "_required", tuple(key.name for key in self.keys if key.required))
        object.__setattr__(self, "_refused", dict(self.refused))
        groups = (
            (self.exactly_one, 1, 1),
            (self.at_most_one, 0, 1),
            (self.at_least_one, 1, len(self.at_least_one)),
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
        meant = set()
        entries = tree.entries
        by_name = self.by_name
        for name, entry in entries.items():
            key = by_name.get(name)
            if key is None:
                meant.add(self._unknown(entry, report))
            else:
                values[name] = key.shape.check(entry.value, report)
        for name in self._required:
            if name not in entries and name not in meant:
                report.add(
                    "PG013",
                    head_of(tree),
                    f'key "{name}" is missing in {self.name}',
                    self._missing_hint(name),
                )
        if self._groups:
            self._check_groups(tree, meant, report)
        return values

    def kind_hint(self) -> str:
        """How a mapping with these keys is written, by those that most need."""
        shown = self._required + (self.at_least_one or self.exactly_one) or tuple(self.by_name)
        return f"write {{{', '.join(f'{name}: ...' for name in shown[:_SHOWN])}}}"

    def _missing_hint(self, name: str) -> str:
        key = self.by_name[name]
        said = key.description.split(". ")[0].rstrip(".")
        match key.shape:
            case Choice(words=words):
                return f"{said}: one of {', '.join(words)}"
            case Money(percent=percent):
                return f'{said}, in quotes: {name}: "{20 if percent else 12.5:.2f}"'
            case _:
                return said

    def meant_by(self, word: str) -> str:
        """The key that was probably meant by an unknown one; empty when none was."""
        refusal = self._refused.get(word)
        return refusal.meant if refusal else nearest(word, self.by_name) or ""

    def _unknown(self, entry: Entry, report: Report) -> str:
        """Report the key, and say which one was meant."""
        key = entry.key
        refusal = self._refused.get(key.text)
        if refusal:
            where = entry.value if refusal.code == "PG101" else key
            report.add(refusal.code, span_of(where), refusal.message, refusal.hint)
            return refusal.meant
        if _SECRET_WORD.search(key.text):
            report.add("PG101", span_of(entry.value), SECRET_IN_CLEAR, SECRET_HINT)
            return ""
        meant = self.meant_by(key.text) if len(report) < _SUGGESTED else ""
        keys = f"the keys are {', '.join(sorted(self.by_name))}"
        report.add(
            "PG012",
            span_of(key),
            f'unknown key "{key.text[:80]}" in {self.name}',
            f'did you mean "{meant}"?' if meant else "; ".join(filter(None, (keys, self.otherwise))),
        )
        return meant

    def _check_groups(self, tree: Mapping, meant: set[str], report: Report) -> None:
        for group, least, most in self._groups:
            present = [name for name in group if name in tree.entries]
            if len(present) > most:
                where = tree.entries[present[1]].key
                report.add(
                    "PG025", span_of(where), f"{' and '.join(present)} exclude each other", "keep one of them"
                )
            elif len(present) < least and meant.isdisjoint(group):
                report.add("PG013", head_of(tree), f"one of {', '.join(group)} is missing in {self.name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A mapping whose closed set of keys depends on one of them."""

    tag: str
    cases: tuple[tuple[str, Object], ...]
    name: str
    description: str = ""
    tag_description: str = ""
    often: tuple[tuple[str, str], ...] = ()
    """Words that people write for the tag instead, and what to tell them."""
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
                f'key "{self.tag}" is missing in {self.name}',
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
            return f"begin with {self.tag}: {self.cases[0][0]}"
        return case.kind_hint().replace(f"{self.tag}: ...", f"{self.tag}: {tree.text}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """A single value, or a mapping."""

    scalar: Shape
    mapping: Shape
    description: str = ""

    def check(self, tree: Tree, report: Report) -> Any:
        return (self.mapping if type(tree) is Mapping else self.scalar).check(tree, report)
