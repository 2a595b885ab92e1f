"""Shapes of single values. Each turns a tree into a plain value, or reports why it cannot."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from partnergate.language.shape.suggestion import amount_meant, day_meant, did_you_mean
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
_IN_DIGITS = 'digits and one point, without sign, currency or thousands: "1250.00"'
_WHOLE = re.compile(r"(?:0|-?[1-9][0-9]{0,14})\Z")
_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,12})?\Z")


class Shape(Protocol):
    """What a value may be."""

    @property
    def description(self) -> str:
        """What the value means, for editors and the reference."""

    def check(self, tree: Tree, report: Report) -> Any:
        """The plain value; none after reporting why there is none."""


def kind_of(tree: Tree) -> str:
    """In words, for messages."""
    match tree:
        case Mapping():
            return "a mapping"
        case Sequence():
            return "a list"
        case Scalar(text=text, plain=True) if text in _NULL_WORDS:
            return "nothing"
        case Scalar(text=text, plain=True) if text in _BOOLEAN_WORDS:
            return f"the bare word {text}"
        case Scalar(text=text, plain=True) if _NUMBER.match(text):
            return "a number"
        case Scalar():
            return "a text"


def wrong_kind(tree: Tree, wanted: str, report: Report, hint: str = "") -> None:
    """Report that something else is meant here."""
    if isinstance(tree, Scalar) and tree.plain and tree.text in _NULL_WORDS:
        report.add(
            "PG022", span_of(tree), f"empty, where {wanted} is meant", "give the value or delete the key"
        )
    else:
        report.add("PG014", span_of(tree), f"{wanted} is meant here, not {kind_of(tree)}", hint)


def _without_brackets(tree: Sequence, hint: str) -> str:
    """What to write in place of a list of one, or of several."""
    return "write it without brackets" if len(tree.items) == 1 else hint or "one value only"


def _plain_problem(text: str) -> tuple[str, str] | None:
    """Code and message for unquoted texts that readers of YAML disagree on."""
    if text in _NULL_WORDS:
        return "PG022", "empty, where a text is meant"
    if text in _BOOLEAN_WORDS:
        return "PG016", f"the bare word {text} is a boolean to many readers of YAML"
    if _DATE.match(text):
        return "PG017", "an unquoted date, where a text is meant"
    if _NUMBER.match(text):
        return "PG017", "an unquoted number, where a text is meant"
    return None


def text_of(tree: Tree, report: Report, wanted: str = "a text", *, hint: str = "") -> str | None:
    """The text of a scalar that is meant as one; ``hint`` is for a list in its place."""
    if type(tree) is not Scalar:
        wrong_kind(tree, wanted, report, _without_brackets(tree, hint) if type(tree) is Sequence else "")
        return None
    text = tree.text
    if tree.plain and (text[:1] in _NUMERIC_START or text in _WORDS) and (problem := _plain_problem(text)):
        code, message = problem
        hint = "give the value or delete the key" if code == "PG022" else f'quote it: "{text}"'
        report.add(code, span_of(tree), message, hint)
        return None
    bare = text.strip()
    if not bare:
        report.add("PG022", span_of(tree), "an empty text", "give the value or delete the key")
        return None
    if not text.isascii() and text[0] in _TYPOGRAPHIC and text[-1] in _TYPOGRAPHIC:
        report.add("PG023", span_of(tree), "the quotes of a typesetter are part of the text", 'quote with "')
        return None
    if text != bare and "\n" not in text:
        report.add("PG035", span_of(tree), "the text starts or ends with a space", "delete the space")
        return None
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text; ``form`` names in words what ``pattern`` accepts."""

    description: str = ""
    pattern: str = ""
    form: str = ""
    format: str = ""
    """A format of JSON Schema that editors know."""
    examples: tuple[str, ...] = ()
    longest: int = 2000
    code: str = "PG023"
    several: str = ""
    """What to do for several texts where one is meant."""
    mend: Callable[[str], str] | None = field(default=None, repr=False, compare=False)
    """Turns a usual mistake into the right text; never for secrets, because the result is shown."""
    _compiled: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", re.compile(self.pattern) if self.pattern else None)

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
        mended = self.mend(text) if self.mend else text
        if mended != text and pattern.search(mended):
            return f"write {mended}"
        return f"for example {self.examples[0]}" if self.examples else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of a closed set of words."""

    description: str = ""
    words: tuple[str, ...]
    often: tuple[tuple[str, str], ...] = ()
    """Words that people write instead, and what to tell them."""
    otherwise: str = ""
    """What to say of a word that is near to none."""

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
    """``true`` or ``false``; never yes, no, on or off."""

    description: str = ""

    def check(self, tree: Tree, report: Report) -> bool | None:
        if type(tree) is Scalar and tree.plain:
            if tree.text in ("true", "false"):
                return tree.text == "true"
            if tree.text in _BOOLEAN_WORDS:
                meant = "true" if tree.text.lower() in ("yes", "on", "y", "true") else "false"
                report.add(
                    "PG016",
                    span_of(tree),
                    f"the bare word {tree.text}, where true or false is meant",
                    f"write {meant}",
                )
                return None
        hint = _FLAG_HINTS.get(tree.text, "") if type(tree) is Scalar else ""
        wrong_kind(tree, "true or false", report, hint)
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A whole number in bounds."""

    description: str = ""
    least: int = 0
    most: int = 1_000_000_000

    def check(self, tree: Tree, report: Report) -> int | None:
        wanted = f"a whole number from {self.least} to {self.most:,}"
        if self.least == self.most:
            wanted = f"the number {self.least}"
        if type(tree) is not Scalar or not tree.plain or not _NUMBER.match(tree.text):
            quoted = type(tree) is Scalar and _WHOLE.match(tree.text)
            wrong_kind(tree, wanted, report, "delete the quotes" if quoted else "digits alone")
            return None
        if not _WHOLE.match(tree.text) or not self.least <= int(tree.text) <= self.most:
            report.add("PG021", span_of(tree), f"{tree.text} is not {wanted}")
            return None
        return int(tree.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A quoted decimal: an amount, or a percentage."""

    description: str = ""
    percent: bool = False

    def check(self, tree: Tree, report: Report) -> str | None:
        what = "a percentage" if self.percent else "an amount"
        if type(tree) is not Scalar or (tree.plain and not _NUMBER.match(tree.text)):
            meant = amount_meant(tree.text) if type(tree) is Scalar else ""
            wrong_kind(tree, f"{what} in quotes", report, f'write "{meant}"' if meant else _IN_DIGITS)
            return None
        if tree.plain:
            report.add(
                "PG019",
                span_of(tree),
                f"{what} without quotes: a reader may round it",
                f'quote it: "{tree.text}"',
            )
            return None
        if not _DECIMAL.match(tree.text):
            report.add(
                "PG020",
                span_of(tree),
                f'"{tree.text}" is not {what}',
                f'write "{meant}"' if (meant := amount_meant(tree.text)) else _IN_DIGITS,
            )
            return None
        if self.percent and float(tree.text) > 100:  # noqa: PLR2004 - percent
            report.add(
                "PG310", span_of(tree), f"{tree.text} percent is more than the whole", 'one fifth is "20"'
            )
            return None
        return tree.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number of units: a whole number, or a quoted decimal."""

    description: str = ""
    positive: bool = False
    no_end: str = ""
    """What to say to words for a quantity without an end."""

    def check(self, tree: Tree, report: Report) -> int | str | None:
        if type(tree) is Scalar and self.no_end and tree.text.lower() in _ENDLESS:
            report.add("PG020", span_of(tree), f"{tree.text} is not a quantity", self.no_end)
            return None
        if type(tree) is not Scalar or (tree.plain and not _NUMBER.match(tree.text)):
            wrong_kind(tree, "a quantity", report, "digits alone: 1000")
            return None
        if tree.plain and not _WHOLE.match(tree.text):
            report.add(
                "PG019",
                span_of(tree),
                "a quantity with decimals without quotes: a reader may round it",
                f'quote it: "{tree.text}"',
            )
            return None
        if not _DECIMAL.match(tree.text) or (self.positive and not tree.text.strip("0.")):
            least = "more than zero" if self.positive else "zero or more"
            report.add(
                "PG020",
                span_of(tree),
                f"{tree.text} is not a quantity of {least}",
                "digits, and a point before decimals, without thousands: 1000",
            )
            return None
        return int(tree.text) if tree.plain else tree.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """An unquoted ISO date."""

    description: str = ""

    def check(self, tree: Tree, report: Report) -> date | None:
        if type(tree) is not Scalar:
            wrong_kind(tree, "a date", report)
            return None
        if not tree.plain:
            report.add("PG018", span_of(tree), "a date in quotes", f"delete the quotes: {tree.text}")
            return None
        if tree.text in _NULL_WORDS:
            wrong_kind(tree, "a date", report)
            return None
        try:
            if len(tree.text) == 10:  # noqa: PLR2004 - yyyy-mm-dd
                return date.fromisoformat(tree.text)
        except ValueError:
            pass
        report.add(
            "PG018",
            span_of(tree),
            f"{tree.text} is not a date",
            f"write {meant}"
            if (meant := day_meant(tree.text))
            else "year-month-day with two digits each, and a day the month has: 2026-10-01",
        )
        return None
