"""Numbers of a partner's file as they are written: signs, brackets, exponents, groups, and currencies.

A text is read as a whole. What does not fit is not a number: no character is dropped to make it fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from partnergate.model.currency import EXPONENTS

_MOST_DIGITS: Final = 30
_MOST_CHARACTERS: Final = 64
_SHOWN: Final = 40
_GROUP: Final = 3
_DIGITS = r"(?:[0-9]+|[0-9]{1,3}(?:(?P<mark>[%s])[0-9]{3})(?:(?P=mark)[0-9]{3})*)"
_INDIAN = r"[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}"
_EXPONENT = r"(?:[eE](?P<exponent>[+-]?[0-9]{1,4}))?"
_POINT = re.compile(
    r"(?P<whole>" + _DIGITS % ", '" + "|" + _INDIAN + r"|)(?:\.(?P<fraction>[0-9]*))?" + _EXPONENT
)
_COMMA = re.compile(r"(?P<whole>" + _DIGITS % ". '" + r"|)(?:,(?P<fraction>[0-9]*))?" + _EXPONENT)
_SIMPLE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12})?")
"""Nearly every number of a file; the rest is looked at closely."""
_SIMPLE_COMMA = re.compile(r"[0-9]{1,15}(?:,[0-9]{1,12})?")
_UNIT = r"[^\W\d_]{1,3}\.?\$?|[A-Za-z]{0,2}[^\w\s()+\-.,'%]"
_PARTS = re.compile(
    rf"(?P<before>{_UNIT})?\s?(?P<sign>[+-])?\s?(?P<number>[0-9.,][0-9., 'eE+\-]*?)(?P<after>\s?(?:{_UNIT}))?"
)
_SPACES = str.maketrans(dict.fromkeys("\u00a0\u2007\u2009\u202f", " ") | {"\u2212": "-", "\u2019": "'"})
_INVISIBLE = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SYMBOLS: Final[dict[str, frozenset[str]]] = {
    symbol: frozenset(codes.split())
    for symbol, codes in {
        "€": "EUR", "£": "GBP EGP GIP FKP SHP", "¥": "JPY CNY", "￥": "JPY CNY",
        "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP UYU BSD BBD BZD BMD BND FJD JMD KYD LRD NAD SBD "
        "SRD TTD XCD DOP GYD",
        "US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "S$": "SGD",
        "HK$": "HKD", "NT$": "TWD", "MX$": "MXN", "R$": "BRL", "kr": "SEK NOK DKK ISK",
        "kr.": "SEK NOK DKK ISK",
        "Fr": "CHF", "Fr.": "CHF", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "lei": "RON MDL", "₹": "INR",
        "Rs": "INR PKR LKR NPR MUR", "Rs.": "INR PKR LKR NPR MUR", "₩": "KRW", "₺": "TRY", "₽": "RUB",
        "฿": "THB", "₫": "VND", "₪": "ILS", "₴": "UAH", "₦": "NGN", "₱": "PHP", "₸": "KZT", "R": "ZAR",
        "RM": "MYR", "Rp": "IDR",
    }.items()
}  # fmt: skip
"""The currencies that a sign can mean."""


@dataclass(frozen=True, slots=True)
class NotNumber:
    """Why a text is not read as a number of the statement."""

    reason: str
    """Begins with the quoted text, such as ``"1,2,3" is not a number``."""


def number_of_text(text: str, *, decimal_comma: bool, currency: str = "") -> Decimal | NotNumber:
    """Return the number of a cell, or why it is not one.

    ``(42)``, ``42-`` and ``-42`` are negative. Each thousands separator is followed by three digits. A
    currency must be ``currency``, if that is not empty.
    """
    if (_SIMPLE_COMMA if decimal_comma else _SIMPLE).fullmatch(text):
        return Decimal(text.replace(",", "."))
    trimmed = _INVISIBLE.sub("", text).translate(_SPACES).strip()
    shown = f'"{trimmed[:_SHOWN]}{"…" if len(trimmed) > _SHOWN else ""}"'
    wrong = NotNumber(f"{shown} is not a number")
    if not trimmed or len(trimmed) > _MOST_CHARACTERS:
        return NotNumber("there is no number") if not trimmed else wrong
    unsigned, negative, signed = _unsigned(trimmed)
    parts = _PARTS.fullmatch(unsigned)
    if parts is None or (parts["sign"] and signed):
        return wrong
    units = [u.strip() for u in (parts["before"], parts["after"]) if u]
    for unit in units:
        meant = _currencies(unit)
        if not meant:
            return wrong
        if currency and currency not in meant:
            named = unit if len(meant) > 1 else next(iter(meant))
            return NotNumber(f"{shown} is in {named}, but the statement is in {currency}")
    number = _plain(parts["number"], decimal_comma=decimal_comma)
    if number is None:
        return wrong
    return -number if (negative or parts["sign"] == "-") and number else number


def read_number(text: str, *, decimal_comma: bool, currency: str = "") -> Decimal | None:
    """Return the number of a cell, or None if it is not one."""
    found = number_of_text(text, decimal_comma=decimal_comma, currency=currency)
    return found if isinstance(found, Decimal) else None


def currency_of_head(name: str) -> str:
    """Return the currency that a column name states: its code or its sign, such as ``Amount (USD)``."""
    for word in re.findall(r"[^\W\d_]+\$?|[^\w\s]", name):
        if word in _SYMBOLS and not word.isalpha():
            meant = _SYMBOLS[word]
            return next(iter(meant)) if len(meant) == 1 else ""
    words = re.findall(r"[A-Za-z]+", name)
    last = words[-1] if len(words) > 1 else ""
    is_marked = not name.isupper() or re.search(rf"[(\[]\s*{last}\s*[)\]]", name)
    return last.upper() if last and is_marked and _is_code_in_head(last) else ""


def _is_code_in_head(word: str) -> bool:
    return word.upper() in EXPONENTS and (word.isupper() or word.lower() not in ("all", "top", "try", "mop"))


def states_currency(text: str) -> frozenset[str]:
    """Return the currencies that a cell of a currency column can mean; none for an unknown word."""
    return _currencies(_INVISIBLE.sub("", text).strip())


def evidence_of_comma(text: str) -> bool | None:
    """Whether the decimal sign of the text is a comma; None if it has none, or it can be a separator."""
    kept = _INVISIBLE.sub("", text).translate(_SPACES).strip()
    marks = [c for c in kept if c in ".,"]
    found = re.search(r"[.,](?=([0-9]*)(?:[eE][+-]?[0-9]+)?[^0-9.,]*$)", kept)
    if found is None or read_number(kept, decimal_comma=found[0] == ",") is None:
        return None
    before = kept[: found.start()]
    is_sure = (
        len(found[1]) != _GROUP or len(set(marks)) > 1 or re.search(r"(?:^|\D)0$|[0-9]{4}$|(?:^|\D)$", before)
    )
    return found[0] == "," if is_sure else None


def _unsigned(text: str) -> tuple[str, bool, bool]:
    """Return the text without its brackets or outer sign, whether it is negative, and whether it had one."""
    if text[0] == "(" and text[-1] == ")":
        return text[1:-1].strip(), True, True
    if text[0] in "+-":
        return text[1:].strip(), text[0] == "-", True
    if text[-1] in "+-":
        return text[:-1].strip(), text[-1] == "-", True
    return text, False, False


def _currencies(unit: str) -> frozenset[str]:
    if unit.upper() in EXPONENTS:
        return frozenset((unit.upper(),))
    return _SYMBOLS.get(unit, frozenset())


def _plain(text: str, *, decimal_comma: bool) -> Decimal | None:
    match = (_COMMA if decimal_comma else _POINT).fullmatch(text)
    if match is None:
        return None
    whole, fraction = re.sub(r"[^0-9]", "", match["whole"]), match["fraction"] or ""
    if not whole and not fraction:
        return None
    digits = (whole + fraction).lstrip("0")
    scale = int(match["exponent"] or 0) - len(fraction)
    if len(digits) > _MOST_DIGITS or len(digits) + scale > _MOST_DIGITS or scale < -_MOST_DIGITS:
        return None
    return Decimal((0, tuple(map(int, digits)), scale)) if digits else Decimal(0)
