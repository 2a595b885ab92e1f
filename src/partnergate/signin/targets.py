"""The allow list of launch targets. URLs are compared component by component.

A string prefix comparison would accept ``https://app.example.evil.test`` for
``https://app.example``. Browsers interpret backslashes, control characters and user names
differently, so URLs with them are refused (RFC 9700, section 4.11, open redirection).

A proxy or the product may decode the path again, unify characters, or drop parameters of a segment. A
path that one of these would change into another path is therefore refused.
"""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote_to_bytes, urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST = 2048
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}|%u[0-9A-Fa-f]{4}")


def allowed_target(target: str, allowed: tuple[str, ...]) -> bool:
    """Whether ``target`` equals one of the ``allowed`` URLs or is below one of them."""
    parts = _parts(target)
    return parts is not None and any(_below(parts, base) for base in map(_parts, allowed) if base is not None)


_Parts = tuple[str, str, int, tuple[str, ...]]


def _below(target: _Parts, base: _Parts) -> bool:
    *target_origin, target_path = target
    *base_origin, base_path = base
    return target_origin == base_origin and target_path[: len(base_path)] == base_path


def _parts(url: str) -> _Parts | None:
    """Return scheme, host, port and path segments; None when the URL is ambiguous."""
    if len(url) > _LONGEST or any(not "!" <= c <= "~" for c in url) or "\\" in url:
        return None
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    if split.scheme not in _DEFAULT_PORTS or not split.hostname or "@" in split.netloc:
        return None
    segments = _segments(split.path)
    if segments is None:
        return None
    return split.scheme, split.hostname, port or _DEFAULT_PORTS[split.scheme], segments


def _segments(path: str) -> tuple[str, ...] | None:
    """Return the decoded segments of a path; None when it means something else after further decoding."""
    decoded = _decoded(path)
    if decoded is None or any(not c.isprintable() or c == "\\" for c in decoded):
        return None
    segments = decoded.split("/")[1:]
    if segments and not segments[-1]:
        segments.pop()  # one slash at the end
    if any(s.partition(";")[0] in {"", ".", ".."} for s in segments):
        return None
    return tuple(segments)


def _decoded(path: str) -> str | None:
    """Decode until nothing changes. None when that takes more than one step or is not valid UTF-8."""
    if _ENCODED.search(path) is None:
        return path
    try:
        once = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return None
    unified = unicodedata.normalize("NFKC", once)
    return None if _ENCODED.search(unified) or _structure(unified) != _structure(once) else once


def _structure(path: str) -> str:
    """Return the characters of a path that separate or name segments."""
    return "".join(c for c in path if c in "/\\.;?#%")
