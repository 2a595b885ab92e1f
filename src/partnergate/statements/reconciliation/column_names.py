"""The usual names of the columns of a partner's file, by role."""

from __future__ import annotations

import re
from typing import Final

_WORDS = re.compile(r"[^a-z0-9]")
COLUMN_NAMES: Final[dict[str, tuple[str, ...]]] = {
    role: tuple(words.split())
    for role, words in {
        "id": "id eventid event uuid reference ref transactionid requestid taskid loginid usageid vorgang",
        "time": "time timestamp datetime date at when occurredat createdat loggedinat logintime eventtime "
        "zeit datum",
        "user": "user userid subject sub account accountid employee member person username login nutzer "
        "benutzer mitarbeiter uid",
        "session": "session sessionid sid",
        "quantity": "quantity qty count units tasks amountofunits number menge anzahl usage volume",
        "amount": "amount cost price charge total fee betrag value billed",
        "currency": "currency currencycode curr ccy whrung waehrung devise moneda",
    }.items()
}
"""Common column names by role, in lower case without punctuation."""
_ALL: Final = frozenset(name for names in COLUMN_NAMES.values() for name in names)


def bare_name(column: str) -> str:
    """Return the name in lower case without spaces and punctuation."""
    return _WORDS.sub("", column.lower())


def is_column_name(text: str) -> bool:
    """Whether the text is a usual column name, or contains one as a word."""
    return bare_name(text) in _ALL or any(bare_name(word) in _ALL for word in text.split())
