"""Shapes of single values. Each converts a tree to a plain value or reports why it cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from partnergate.language.shape.suggestion import did_you_mean, intended_amount, intended_day
from partnergate.language.text.tree import Mapping, Scalar, Sequence, span_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from partnergate.language.report import Report
    from partnergate.language.text.tree import Tree

_BOOLEAN_WORDS = frozenset(
    {word for base in ("yes", "no", "on", "off", "y", "n") for word in (base, base.title(), base.upper())}
    | {"true", "True", "TRUE", "false", "False", "FALSE"}
)
_FLAG_HINTS = {
    "true": "delete the quotes",
    "false": "delete the quotes",
    "1": "write true",
    "0": "write false",
}
_NULL_WORDS = frozenset({"", "~", "null", "Null", "NULL"})
_WORDS = _BOOLEAN_WORDS | _NULL_WORDS
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt \t].*)?\Z")
_NUMBER = re.compile(
    r"[-+]?(?:0[bB][01_]+|0[xX][0-9a-fA-F_]+|0o?[0-7_]+|\.(?:inf|Inf|INF)"
    r"|[0-9][0-9_]*(?::[0-5]?[0-9])*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?|\.[0-9][0-9_]*)\Z|\.(?:nan|NaN|NAN)\Z"
)
_ENDLESS = frozenset(
    {"inf", ".inf", "infinity", "unlimited", "max", "none", "null", "~", "*", "-1", "\u221e"}
)
_TYPOGRAPHIC = frozenset("\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb")
_NUMERIC_START = frozenset("-+.0123456789~")
_IN_DIGITS = 'write digits and one decimal point, without sign, currency, or thousands separators: "1250.00"'
_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?\Z")


class Shape(Protocol):
    """What a value may be."""

    @property
    def description(self) -> str:
        """Meaning of the value, for editors and the reference."""

    def check(self, tree: Tree, report: Report) -> Any:
        """Return the plain value; none after reporting why it is invalid."""


def kind_of(tree: Tree) -> str:
    """Return the type of a value, for messages."""
    match tree:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(text=text, plain=True) if text in _NULL_WORDS:
            return "nothing"
        case Scalar(text=text, plain=True) if text in _BOOLEAN_WORDS:
            return f"unquoted {text}"
        case Scalar(text=text, plain=True) if _NUMBER.match(text):
            return "a number"
        case Scalar():
            return "text"


def wrong_kind(tree: Tree, wanted: str, report: Report, hint: str = "") -> None:
    """Report a value of the wrong type."""
    if isinstance(tree, Scalar) and tree.plain and tree.text in _NULL_WORDS:
        report.add(
            "PG022", span_of(tree), f"expected {wanted}, found nothing", "add the value or delete the key"
        )
    else:
        report.add("PG014", span_of(tree), f"expected {wanted}, found {kind_of(tree)}", hint)


def _without_brackets(tree: Sequence, hint: str) -> str:
    """Return a hint for a list where one value is expected."""
    return "write it without brackets" if len(tree.items) == 1 else hint or "write only one value"


def _plain_problem(text: str) -> tuple[str, str] | None:
    """Return code and message for unquoted text that YAML parsers interpret differently."""
    if text in _NULL_WORDS:
        return "PG022", "expected text, found nothing"
    if text in _BOOLEAN_WORDS:
        return "PG016", f"many YAML parsers read the unquoted word {text} as a boolean"
    if _DATE.match(text):
        return "PG017", "expected text, found an unquoted date"
    if _NUMBER.match(text):
        return "PG017", "expected text, found an unquoted number"
    return None


def text_of(tree: Tree, report: Report, wanted: str = "text", *, hint: str = "") -> str | None:
    """Return the text of a scalar. ``hint`` is shown if a list is found instead."""
    if type(tree) is not Scalar:
        wrong_kind(tree, wanted, report, _without_brackets(tree, hint) if type(tree) is Sequence else "")
        return None
    text = tree.text
    if tree.plain and (text[:1] in _NUMERIC_START or text in _WORDS) and (problem := _plain_problem(text)):
        code, message = problem
        hint = "add the value or delete the key" if code == "PG022" else f'quote it: "{text}"'
        report.add(code, span_of(tree), message, hint)
        return None
    bare = text.strip()
    if not bare:
        report.add("PG022", span_of(tree), "empty text", "add the value or delete the key")
        return None
    if not text.isascii() and text[0] in _TYPOGRAPHIC and text[-1] in _TYPOGRAPHIC:
        report.add(
            "PG023", span_of(tree), "typographic quotes are part of the text", 'use straight quotes (")'
        )
        return None
    if text != bare and "\n" not in text:
        report.add("PG035", span_of(tree), "the text starts or ends with a space", "delete the space")
        return None
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """Text. ``form`` describes what ``pattern`` accepts."""

    description: str = ""
    pattern: str = ""
    form: str = ""
    format: str = ""
    """JSON Schema format that editors know."""
    examples: tuple[str, ...] = ()
    longest: int = 2000
    code: str = "PG023"
    several: str = ""
    """Hint for several texts where one is expected."""
    fix: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    """Corrects a common mistake. Never use it for secrets, because the result is shown."""
    _compiled: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # The schemas have the pattern as well: there $ is the end, and in Python also before a line break.
        whole = self.pattern.removesuffix("$") + r"\Z" if self.pattern.endswith("$") else self.pattern
        object.__setattr__(self, "_compiled", re.compile(whole) if whole else None)

    def check(self, tree: Tree, report: Report) -> str | None:
        text = text_of(tree, report, hint=self.several)
        if text is None:
            return None
        if len(text) > self.longest:
            report.add("PG023", span_of(tree), f"longer than {self.longest} characters")
            return None
        if self._compiled is not None and not self._compiled.search(text):
            report.add(self.code, span_of(tree), f"not {self.form}", self._hint(text, self._compiled))
            return None
        return text

    def _hint(self, text: str, pattern: re.Pattern[str]) -> str:
        fixed = self.fix(text) if self.fix else text
        if fixed != text and pattern.search(fixed):
            return f"write {fixed}"
        return f"for example {self.examples[0]}" if self.examples else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a closed set of words."""

    description: str = ""
    words: tuple[str, ...]
    often: tuple[tuple[str, str], ...] = ()
    """Common wrong words, each with a hint."""
    otherwise: str = ""
    """Hint for a word that is not similar to any allowed word."""

    def check(self, tree: Tree, report: Report) -> str | None:
        if type(tree) is Scalar and tree.text in self.words:
            return tree.text
        text = text_of(tree, report, f"one of {', '.join(self.words)}")
        if text is not None:
            report.add(
                "PG015",
                span_of(tree),
                f'"{text}" is not one of {", ".join(self.words)}',
                dict(self.often).get(text.lower()) or did_you_mean(text, self.words) or self.otherwise,
            )
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """``true`` or ``false``; never yes, no, on, or off."""

    description: str = ""

    def check(self, tree: Tree, report: Report) -> bool | None:
        if type(tree) is Scalar and tree.plain:
            if tree.text in ("true", "false"):
                return tree.text == "true"
            if tree.text in _BOOLEAN_WORDS:
                intended = "true" if tree.text.lower() in ("yes", "on", "y", "true") else "false"
                report.add(
                    "PG016",
                    span_of(tree),
                    f"expected true or false, found the unquoted word {tree.text}",
                    f"write {intended}",
                )
                return None
        hint = _FLAG_HINTS.get(tree.text, "") if type(tree) is Scalar else ""
        wrong_kind(tree, "true or false", report, hint)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number in a range."""

    description: str = ""
    least: int = 0
    most: int = 1_000_000_000

    def check(self, tree: Tree, report: Report) -> int | None:
        wanted = f"a whole number from {self.least} to {self.most:,}"
        if self.least == self.most:
            wanted = f"the number {self.least}"
        if type(tree) is not Scalar or not tree.plain or not _NUMBER.match(tree.text):
            quoted = type(tree) is Scalar and _WHOLE.match(tree.text)
            wrong_kind(tree, wanted, report, "delete the quotes" if quoted else "write only digits")
            return None
        if not _WHOLE.match(tree.text) or not self.least <= int(tree.text) <= self.most:
            report.add("PG021", span_of(tree), f"{tree.text} is not {wanted}")
            return None
        return int(tree.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A quoted decimal: an amount or a percentage."""

    description: str = ""
    percent: bool = False

    def check(self, tree: Tree, report: Report) -> str | None:
        what = "a percentage" if self.percent else "an amount"
        if type(tree) is not Scalar or (tree.plain and not _NUMBER.match(tree.text)):
            intended = intended_amount(tree.text) if type(tree) is Scalar else ""
            wrong_kind(tree, f"{what} in quotes", report, f'write "{intended}"' if intended else _IN_DIGITS)
            return None
        if tree.plain:
            report.add(
                "PG019",
                span_of(tree),
                f"{what} without quotes: YAML parsers may round it",
                f'quote it: "{tree.text}"',
            )
            return None
        if not _DECIMAL.match(tree.text):
            report.add(
                "PG020",
                span_of(tree),
                f'"{tree.text}" is not {what}',
                f'write "{intended}"' if (intended := intended_amount(tree.text)) else _IN_DIGITS,
            )
            return None
        if self.percent and float(tree.text) > 100:  # noqa: PLR2004 - percent
            report.add(
                "PG310",
                span_of(tree),
                f"{tree.text} percent is more than 100 percent",
                'for example "20" for one fifth',
            )
            return None
        return tree.text


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOfUnits:
    """A number of units: a whole number or a quoted decimal."""

    description: str = ""
    positive: bool = False
    no_end: str = ""
    """Hint for words that mean a quantity without a limit."""

    def check(self, tree: Tree, report: Report) -> int | str | None:
        if type(tree) is Scalar and self.no_end and tree.text.lower() in _ENDLESS:
            report.add("PG020", span_of(tree), f"{tree.text} is not a quantity", self.no_end)
            return None
        if type(tree) is not Scalar or (tree.plain and not _NUMBER.match(tree.text)):
            wrong_kind(tree, "a quantity", report, "write only digits: 1000")
            return None
        if tree.plain and not _WHOLE.match(tree.text):
            report.add(
                "PG019",
                span_of(tree),
                "decimal quantity without quotes: YAML parsers may round it",
                f'quote it: "{tree.text}"',
            )
            return None
        if not _DECIMAL.match(tree.text) or (self.positive and not tree.text.strip("0.")):
            least = "greater than zero" if self.positive else "zero or more"
            report.add(
                "PG020",
                span_of(tree),
                f"{tree.text} is not a quantity of {least}",
                "write digits and, before decimals, a point, without thousands separators: 1000",
            )
            return None
        return int(tree.text) if tree.plain else tree.text


FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
"""Dates that files may contain. Periods and time zones can be computed around each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """An unquoted ISO date."""

    description: str = ""

    def check(self, tree: Tree, report: Report) -> date | None:
        if type(tree) is not Scalar:
            wrong_kind(tree, "a date", report)
            return None
        if not tree.plain:
            report.add("PG018", span_of(tree), "the date is in quotes", f"delete the quotes: {tree.text}")
            return None
        if tree.text in _NULL_WORDS:
            wrong_kind(tree, "a date", report)
            return None
        try:
            if len(tree.text) == 10:  # noqa: PLR2004 - yyyy-mm-dd
                day = date.fromisoformat(tree.text)
                if FIRST_DAY <= day <= LAST_DAY:
                    return day
                report.add(
                    "PG018",
                    span_of(tree),
                    f"{tree.text} is not between {FIRST_DAY} and {LAST_DAY}",
                    "write the year in full; leave out the key if there is no such date",
                )
                return None
        except ValueError:
            pass
        report.add(
            "PG018",
            span_of(tree),
            f"{tree.text} is not a date",
            f"write {intended}"
            if (intended := intended_day(tree.text))
            else "write year-month-day with two-digit months and days that exist: 2026-10-01",
        )
        return None
