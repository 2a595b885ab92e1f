"""Which addresses a launch may send a user to: an allow-list, compared part by part.

A text prefix would let ``https://app.example.evil.test`` pass for ``https://app.example``, and a
browser reads backslashes, control characters and user names in ways of its own, so all of these
are refused rather than interpreted (RFC 9700 section 4.11, open redirection).
"""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}
_LONGEST = 2048


def allowed_target(target: str, allowed: tuple[str, ...]) -> bool:
    """Whether ``target`` is one of ``allowed`` or below one of them."""
    parts = _parts(target)
    return parts is not None and any(_below(parts, base) for base in map(_parts, allowed) if base is not None)


_Parts = tuple[str, str, int, tuple[str, ...]]


def _below(target: _Parts, base: _Parts) -> bool:
    *target_origin, target_path = target
    *base_origin, base_path = base
    return target_origin == base_origin and target_path[: len(base_path)] == base_path


def _parts(url: str) -> _Parts | None:
    """Scheme, host, port and path segments; nothing when a browser could read it in another way."""
    if len(url) > _LONGEST or any(not "!" <= c <= "~" for c in url) or "\\" in url:
        return None
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return None
    if split.scheme not in _DEFAULT_PORTS or not split.hostname or "@" in split.netloc:
        return None
    segments = tuple(s for s in unquote(split.path).split("/") if s)
    if any(s in {".", ".."} or "\\" in s for s in segments):
        return None
    return split.scheme, split.hostname, port or _DEFAULT_PORTS[split.scheme], segments
