"""Numbers with singular and plural nouns, and texts without the values of environment variables."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SHORTEST_CONCEALED: Final = 4
"""Shorter values, and booleans, identify nothing; concealing them would make every text unreadable."""
_THIS_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PLAIN: Final = frozenset({"true", "false", "null"})


def counted(number: int, noun: str) -> str:
    """``1 partner``, ``2 partners``, ``12,345 partners``; for nouns whose plural ends in s."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def concealed(text: str, shown: Mapping[str, str]) -> str:
    """``text`` with each value that is a key of ``shown`` replaced by its description, longest values first.

    Also finds a value in lower case, without a slash at its end, in a pattern, in a URL, in JSON, and with
    dashes for slashes, and the host of a URL or of an email address.
    """
    for value in sorted(shown, key=len, reverse=True):
        for form in _forms(value):
            if form in text:
                text = text.replace(form, shown[value])
    return text


def _hosts(value: str) -> tuple[str, ...]:
    """The host of an email address, or of a URL with and without its port.

    None for this machine, which identifies nothing.
    """
    try:
        parts = urlsplit(value)
        host = parts.hostname or value.partition("@")[2]
    except ValueError:
        return ()
    return () if len(host) < SHORTEST_CONCEALED or host in _THIS_MACHINE else (parts.netloc or host, host)


def _patterns(text: str) -> tuple[str, str]:
    """The text in a regular expression of Python, and in one of Java, where dashes are plain."""
    escaped = re.escape(text)
    return escaped, escaped.replace(r"\-", "-")


def _as_name(text: str) -> str:
    """The text in the name of a mapper, which has no slashes."""
    return text.strip("/").replace("/", "-")


@lru_cache(maxsize=256)
def _forms(value: str) -> tuple[str, ...]:
    bare = value.rstrip("/")
    if len(bare) < SHORTEST_CONCEALED or bare.lower() in _PLAIN:
        return ()
    forms = {
        form
        for text in (value, bare, *_hosts(bare))
        for cased in (text, text.lower())
        for form in (
            cased,
            *_patterns(cased),
            quote(cased, safe=""),
            json.dumps(cased)[1:-1],
            _as_name(cased),
        )
    }
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))
